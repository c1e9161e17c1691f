"""Files as offices send them: text of any Vietnamese encoding, workbooks with letterheads and signatures."""
