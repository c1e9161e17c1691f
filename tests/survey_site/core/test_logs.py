"""Codes and tokens in addresses stay out of the log."""

import io
import logging

import pytest
from django.test import Client

TOKEN = "1234" * 6


@pytest.mark.parametrize(
    ("address", "written"),
    [
        (f"/mo/quay1/so/{TOKEN}/", "/mo/quay1/so/…"),
        (f"/en/mo/quay1/so/{TOKEN}/", "/en/mo/quay1/so/…"),
        (f"/tham-gia/{TOKEN}/x/", "/tham-gia/…"),
        ("/mo/quay1/other/", "/mo/quay1/other/"),
    ],
)
@pytest.mark.django_db
def test_address_of_a_refused_request_is_cut(client: Client, address: str, written: str) -> None:
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    try:
        assert client.get(address).status_code == 404
    finally:
        logger.removeHandler(handler)
    assert written in lines.getvalue()
    assert TOKEN not in lines.getvalue()
