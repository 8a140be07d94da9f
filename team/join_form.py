"""The form of an invited person."""

from typing import Any

from django.contrib.auth.forms import BaseUserCreationForm
from django.core.exceptions import ValidationError

from team.models import Invitation, User


class JoinForm(BaseUserCreationForm[User]):
    """If the invitation has an e-mail address, the member gets that one. Otherwise they may enter one."""

    class Meta(BaseUserCreationForm.Meta):
        model = User
        fields = ("username", "first_name", "email")

    def __init__(self, invitation: Invitation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"first_name": invitation.name}, **kwargs)
        if invitation.email:
            self.instance.email = invitation.email
            del self.fields["email"]

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if email and User.objects.filter(email__iexact=email).exists():
            raise ValidationError("Another member has this address.")
        return email
