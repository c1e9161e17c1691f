"""How a sample is drawn: seeds, selection, stages, fingerprints and the check of frames, on plain values.

Everything here is integer arithmetic and SHA-256. The same input gives the same bytes on every machine.
"""
