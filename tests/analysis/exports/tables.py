"""A small table with everything that is hard to export."""

import pandas as pd

from analysis.exports import Column, ExportTable, Kind

LONG = "Chính sách khám bệnh, chữa bệnh của Nhà nước phù hợp với nguyện vọng của người dân ở địa phương " * 4


def make_table() -> ExportTable:
    rows = pd.DataFrame(
        {
            "province": ["01", "04", None, "00004"],
            "remark": ["=HYPERLINK(1)", "+1", "@a", "-x"],
            "rating": [1, 5, None, 4],
            "weight": [1.5, -2.25, 3.0, None],
            "is_demo": [True, False, None, True],
        }
    )
    columns = [
        Column("province", "Tỉnh, thành phố", Kind.CODE, {"01": LONG, "04": "Cao Bằng"}),
        Column("remark", "Ghi chú"),
        Column("rating", LONG, Kind.NUMBER, {1: LONG, 5: "Rất hài lòng"}),
        Column("weight", "Quyền số", Kind.NUMBER),
        Column("is_demo", "Minh họa", Kind.FLAG, {0: "Không", 1: "Có"}),
    ]
    return ExportTable.build("bang", LONG, columns, rows)
