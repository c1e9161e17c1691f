"""Addresses of the questionnaire, in Vietnamese words without marks, as people read them out."""

from django.urls import path

from questionnaires.fieldwork import households, interviews, paper
from questionnaires.wizard import entry, genuine, receipts, rights
from questionnaires.wizard.forms import ReviewForm
from questionnaires.wizard.once import told_to_scripts
from questionnaires.wizard.open_entry import OpenEntryView
from questionnaires.wizard.open_wizard import OpenStoppedView, OpenTimedOutView, OpenWizard
from questionnaires.wizard.views import REVIEW, AnswerWizard

app_name = "questionnaires"

answer = told_to_scripts(
    AnswerWizard.as_view(form_list=[(REVIEW, ReviewForm)], url_name="questionnaires:answer")
)
answer_open = told_to_scripts(
    OpenWizard.as_view(form_list=[(REVIEW, ReviewForm)], url_name="questionnaires:open_answer")
)

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
    path("quyen-du-lieu/", rights.RightsView.as_view(), name="rights"),
    path("mo/<slug:code>/", OpenEntryView.as_view(), name="open_round"),
    path("mo/<slug:code>/so/<str:token>/", OpenEntryView.as_view(), name="open_round_token"),
    path("mo/<slug:code>/<slug:place>/", OpenEntryView.as_view(), name="open_round_place"),
    path("phieu-mo/", answer_open, name="open_continue"),
    path("phieu-mo/<str:step>/", answer_open, name="open_answer"),
    path("xem-lai-phieu-mo/", answer_open, {"step": REVIEW}, name="open_review"),
    path("phieu-mo-het-gio/", OpenTimedOutView.as_view(), name="open_timed_out"),
    path("dung-phieu-mo/", OpenStoppedView.as_view(), name="open_stopped"),
    path("thuc-dia/", interviews.VillageListView.as_view(), name="village_list"),
    path("thuc-dia/<int:village_id>/", interviews.VillageView.as_view(), name="village_detail"),
    path("thuc-dia/nguoi/<int:case_id>/", interviews.CaseView.as_view(), name="case_detail"),
    path("thuc-dia/ho/<int:case_id>/", households.HouseholdView.as_view(), name="household"),
    path("phieu-giay/<int:version_id>/", paper.PaperFormView.as_view(), name="paper_form"),
    path("nhap-phieu/", paper.KeyFormView.as_view(), name="key_form"),
]
