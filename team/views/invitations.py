"""The page of an invitation: whoever has the link chooses a name and a password, and is signed in."""

from allauth.account.utils import perform_login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from team.join_form import JoinForm
from team.models import AlreadyUsed, Invitation


@login_not_required
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    invitation = get_object_or_404(Invitation.objects.open().with_token(token))
    form = JoinForm(invitation, request.POST or None)
    if request.method == "POST" and form.is_valid():
        member = form.save(commit=False)
        try:
            invitation.accept(member)
        except AlreadyUsed:
            raise Http404 from None
        signed_in: HttpResponse = perform_login(request, member)
        return signed_in
    return render(request, "team/join.html", {"form": form, "invitation": invitation})
