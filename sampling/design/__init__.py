"""How a sample is planned and drawn: seeds, selection, stages, frames, proofs, allocation.

Everything that draws is integer arithmetic and SHA-256: the same input gives the same bytes on every machine.
What plans a sample or describes a selection (`allocation`, `bethel`, `probabilities`, `joint_probabilities`)
uses floating-point numbers and never takes part in a draw.
"""
