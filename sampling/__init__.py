"""Who is asked: frames, designs, draws, cases and contacts."""
