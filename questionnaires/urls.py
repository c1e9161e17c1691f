"""Addresses of the questionnaire, in Vietnamese words without marks, as people read them out."""

from django.urls import path

from questionnaires.fieldwork import households, interviews, paper
from questionnaires.wizard import entry, genuine, receipts
from questionnaires.wizard.forms import ReviewForm
from questionnaires.wizard.views import REVIEW, AnswerWizard

app_name = "questionnaires"

answer = AnswerWizard.as_view(form_list=[(REVIEW, ReviewForm)], url_name="questionnaires:answer")

urlpatterns = [
    path("tham-gia/", entry.EnterCodeView.as_view(), name="enter_code"),
    path("tham-gia/<str:code>/", entry.FollowLinkView.as_view(), name="enter_with_code"),
    path("dong-y/", entry.ConsentView.as_view(), name="consent"),
    path("phieu/", answer, name="continue"),
    path("phieu/<str:step>/", answer, name="answer"),
    path("xem-lai/", answer, {"step": REVIEW}, name="review"),
    path("tam-dung/", entry.PauseView.as_view(), name="pause"),
    path("bien-nhan/", entry.ReceiptView.as_view(), name="receipt"),
    path("bien-nhan/kiem-tra/", receipts.CheckReceiptView.as_view(), name="check_receipt"),
    path("bien-nhan/rut-lai/", receipts.WithdrawView.as_view(), name="withdraw"),
    path("co-that-khong/", genuine.GenuineView.as_view(), name="genuine"),
    path("thuc-dia/", interviews.VillageListView.as_view(), name="village_list"),
    path("thuc-dia/<int:village_id>/", interviews.VillageView.as_view(), name="village_detail"),
    path("thuc-dia/nguoi/<int:case_id>/", interviews.CaseView.as_view(), name="case_detail"),
    path("thuc-dia/ho/<int:case_id>/", households.HouseholdView.as_view(), name="household"),
    path("phieu-giay/<int:version_id>/", paper.PaperFormView.as_view(), name="paper_form"),
    path("nhap-phieu/", paper.KeyFormView.as_view(), name="key_form"),
]
