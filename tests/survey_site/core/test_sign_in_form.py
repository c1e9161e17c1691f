"""The sign-in form is labelled in the reader's language."""

import pytest
from django.test import Client
from django.utils.translation import override

from survey_site.core.forms import SignInForm


def test_password_is_labelled_in_vietnamese() -> None:
    with override("vi"):
        assert SignInForm()["password"].label == "Mật khẩu"


@pytest.mark.django_db
def test_sign_in_page_uses_the_form(client: Client) -> None:
    page = client.get("/admin/login/", headers={"accept-language": "vi"}).content.decode()
    assert "Mật khẩu" in page
    assert "Password" not in page
