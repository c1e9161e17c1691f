"""A transaction list as its import leaves it behind."""

from pathlib import Path

import pyarrow.parquet as pq

from sampling.design.fingerprints import digest_of_frame
from sampling.models import FrameUnit, SamplingFrame, SurveyRound
from tests.sampling.engine.list_frames import make_rows, make_table
from tests.sampling.makers import REFERENCE_DATE

N_ROWS = 200


def keep_list(survey_round: SurveyRound, root: Path) -> SamplingFrame:
    """A list as its import leaves it behind."""
    rows = make_rows(N_ROWS)
    path = root / survey_round.code / "list.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(make_table(rows), path)
    frame = SamplingFrame.objects.create(
        round=survey_round,
        stage="dossier",
        source="Một cửa",
        reference_date=REFERENCE_DATE,
        n_units=len(rows),
        digest=digest_of_frame(rows),
        file=f"{survey_round.code}/list.parquet",
    )
    agencies = sorted({row[1] for row in rows})
    FrameUnit.objects.bulk_create(
        FrameUnit(frame=frame, code=agency, name=f"Đơn vị {agency}", measure_of_size=1) for agency in agencies
    )
    return frame
