from django.urls import path

from orders.views import banner, board, buying, favourites, history, offboarding, order_actions, statistics, switching

app_name = "orders"
urlpatterns = [
    path("", board.board, name="board"),
    path("banner/", banner.banner, name="banner"),
    path("orders/<int:pk>/", board.detail, name="detail"),
    path("orders/<int:pk>/card/", board.card, name="card"),
    path("orders/<int:pk>/cancel/", order_actions.cancel, name="cancel"),
    path("orders/<int:pk>/undo-cancel/", order_actions.undo_cancel, name="undo_cancel"),
    path("orders/<int:pk>/finish/", order_actions.finish, name="finish"),
    path("orders/<int:pk>/hide/", order_actions.hide, name="hide"),
    path("orders/<int:pk>/copied/", order_actions.copied, name="copied"),
    path("orders/<int:pk>/note/", order_actions.note, name="note"),
    path("orders/<int:pk>/reassign/", order_actions.reassign, name="reassign"),
    path("orders/<int:pk>/switch/", switching.switch, name="switch"),
    path("orders/<int:pk>/settle/", order_actions.settle, name="settle"),
    path("orders/<int:pk>/reveal/", history.reveal, name="reveal"),
    path("history/", history.history, name="history"),
    path("orders/<int:pk>/row/", history.history_row, name="history_row"),
    path("statistics/", statistics.statistics, name="statistics"),
    path("history/export/", history.history_export, name="history_export"),
    path("members/<int:pk>/offboard/", offboarding.offboard, name="offboard"),
    path("buy/", buying.buy, name="buy"),
    path("buy/offers/", buying.offers, name="offers"),
    path("buy/favourite/", favourites.favourite, name="favourite"),
    path("buy/review/", buying.review, name="review"),
    path("buy/<uuid:purchase_id>/", buying.progress, name="progress"),
]
