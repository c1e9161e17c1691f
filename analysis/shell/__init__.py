"""The statistics library from the shell: files in, files out, no site and no database."""
