"""Questionnaires in the formats of others: XLSForm in and out, texts for translators; pure, no framework."""
