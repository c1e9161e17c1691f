"""Invitations and reminders: texts, their length on a telephone, and the ways by which they leave."""
