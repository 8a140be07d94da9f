from django.urls import path

from orders.views import acting, board, buying, history, leaving, pairs, statistics, switching

app_name = "orders"
urlpatterns = [
    path("", board.board, name="board"),
    path("banner/", board.banner, name="banner"),
    path("orders/<int:pk>/", board.detail, name="detail"),
    path("orders/<int:pk>/card/", board.card, name="card"),
    path("orders/<int:pk>/cancel/", acting.cancel, name="cancel"),
    path("orders/<int:pk>/keep/", acting.keep, name="keep"),
    path("orders/<int:pk>/finish/", acting.finish, name="finish"),
    path("orders/<int:pk>/hide/", acting.hide, name="hide"),
    path("orders/<int:pk>/copied/", acting.copied, name="copied"),
    path("orders/<int:pk>/note/", acting.note, name="note"),
    path("orders/<int:pk>/hand-over/", acting.hand_over, name="hand_over"),
    path("orders/<int:pk>/switch/", switching.switch, name="switch"),
    path("orders/<int:pk>/settle/", acting.settle, name="settle"),
    path("orders/<int:pk>/reveal/", history.reveal, name="reveal"),
    path("history/", history.history, name="history"),
    path("orders/<int:pk>/row/", history.history_row, name="history_row"),
    path("statistics/", statistics.statistics, name="statistics"),
    path("history/export/", history.history_export, name="history_export"),
    path("members/<int:pk>/leave/", leaving.leave, name="leave"),
    path("buy/", buying.buy, name="buy"),
    path("buy/offers/", buying.offers, name="offers"),
    path("buy/favourite/", pairs.favourite, name="favourite"),
    path("buy/review/", buying.review, name="review"),
    path("buy/<uuid:purchase_id>/", buying.progress, name="progress"),
]
