"""Texts to start from, so that nobody begins with an empty page."""

from collections.abc import Mapping

SUBJECTS: Mapping[tuple[str, str], str] = {
    ("invitation", "vi"): "{agency}: mời Ông/Bà trả lời khảo sát",
    ("invitation", "en"): "{agency}: invitation to a survey",
    ("reminder", "vi"): "{agency}: nhắc Ông/Bà trả lời khảo sát trước ngày {closes}",
    ("reminder", "en"): "{agency}: please answer the survey by {closes}",
    ("thanks", "vi"): "{agency}: cảm ơn Ông/Bà đã trả lời khảo sát",
    ("thanks", "en"): "{agency}: thank you for answering the survey",
}

SHORT: Mapping[tuple[str, str], str] = {
    ("invitation", "vi"): (
        "{agency} mời Ông/Bà trả lời khảo sát (QĐ {decision}): {link} trước {closes}. Hỏi: {telephone}"
    ),
    ("invitation", "en"): (
        "{agency} invites you to a survey (decision {decision}): {link} until {closes}. Call: {telephone}"
    ),
    ("reminder", "vi"): (
        "{agency} nhắc Ông/Bà trả lời khảo sát (QĐ {decision}) trước {closes}: {link} Hỏi: {telephone}"
    ),
    ("reminder", "en"): (
        "{agency}: please answer the survey (decision {decision}) by {closes}: {link} Questions: {telephone}"
    ),
    ("thanks", "vi"): "{agency} cảm ơn Ông/Bà đã trả lời khảo sát (QĐ {decision}). Hỏi: {telephone}",
    ("thanks", "en"): (
        "{agency} thanks you for answering the survey (decision {decision}). Questions: {telephone}"
    ),
}
"""For text messages and Zalo."""

LONG: Mapping[tuple[str, str], str] = {
    ("invitation", "vi"): (
        "Kính gửi Ông/Bà,\n\n"
        "{agency} tiến hành khảo sát mức độ hài lòng của người dân theo Quyết định {decision}. Ông/Bà được "
        "chọn ngẫu nhiên. Câu trả lời của Ông/Bà được giữ bí mật; việc tham gia là tự nguyện.\n\n"
        "Trả lời tại: {link}\n"
        "Mã của Ông/Bà: {code}\n"
        "Hạn trả lời: {closes}\n\n"
        "Thư này có thật không? Xem {genuine} hoặc gọi {telephone}. Chúng tôi không bao giờ yêu cầu số căn "
        "cước, mã OTP, tài khoản VNeID hay tiền.\n\n"
        "Trân trọng cảm ơn Ông/Bà."
    ),
    ("invitation", "en"): (
        "Dear Sir or Madam,\n\n"
        "{agency} asks residents how satisfied they are, by decision {decision}. You were chosen at random. "
        "Your answers are confidential; taking part is voluntary.\n\n"
        "Answer here: {link}\n"
        "Your code: {code}\n"
        "Answers are taken until {closes}.\n\n"
        "Is this message genuine? See {genuine} or call {telephone}. We never ask for an identity card, "
        "an OTP, VNeID or money.\n\n"
        "Thank you."
    ),
    ("reminder", "vi"): (
        "Kính gửi Ông/Bà,\n\n"
        "{agency} đã mời Ông/Bà trả lời khảo sát theo Quyết định {decision} và chưa nhận được phiếu của "
        "Ông/Bà. Nếu Ông/Bà vừa gửi phiếu, xin bỏ qua thư này.\n\n"
        "Trả lời tại: {link}\n"
        "Mã của Ông/Bà: {code}\n"
        "Hạn trả lời: {closes}\n\n"
        "Thư này có thật không? Xem {genuine} hoặc gọi {telephone}. Chúng tôi không bao giờ yêu cầu số căn "
        "cước, mã OTP, tài khoản VNeID hay tiền.\n\n"
        "Trân trọng cảm ơn Ông/Bà."
    ),
    ("reminder", "en"): (
        "Dear Sir or Madam,\n\n"
        "{agency} invited you to its survey (decision {decision}) and has no answers from you yet. If you "
        "have just sent them, please disregard this message.\n\n"
        "Answer here: {link}\n"
        "Your code: {code}\n"
        "Answers are taken until {closes}.\n\n"
        "Is this message genuine? See {genuine} or call {telephone}. We never ask for an identity card, "
        "an OTP, VNeID or money.\n\n"
        "Thank you."
    ),
    ("thanks", "vi"): (
        "Kính gửi Ông/Bà,\n\n"
        "{agency} đã nhận được phiếu khảo sát theo Quyết định {decision}. Trân trọng cảm ơn Ông/Bà.\n\n"
        "Mọi thắc mắc, xin gọi {telephone}."
    ),
    ("thanks", "en"): (
        "Dear Sir or Madam,\n\n"
        "{agency} has received answers to its survey (decision {decision}). Thank you.\n\n"
        "Questions? Call {telephone}."
    ),
}
"""For e-mail."""


def default_text(purpose: str, channel: str, language: str) -> tuple[str, str]:
    """Return subject and text to start from; languages without one start from Vietnamese.

    Examples
    --------
    >>> default_text("thanks", "sms", "tyz")[1][:18]
    '{agency} cảm ơn Ôn'
    """
    key = (purpose, language if language == "en" else "vi")
    return (SUBJECTS[key], LONG[key]) if channel == "email" else ("", SHORT[key])
