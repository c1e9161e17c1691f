"""Public addresses: commitments and what follows from them."""

from django.urls import path

from sampling import views

app_name = "sampling"

urlpatterns = [
    path("xac-minh/", views.RoundsView.as_view(), name="verification"),
    path("xac-minh/verify_draw.py", views.download_script, name="verification_script"),
    path("xac-minh/<slug:code>/", views.RoundView.as_view(), name="verification_round"),
    path("xac-minh/<slug:code>/<int:pk>/cam-ket.json", views.download_commitment, name="commitment"),
    path("xac-minh/<slug:code>/<int:pk>/ho-so.zip", views.download_bundle, name="bundle"),
]
