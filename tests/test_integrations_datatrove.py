"""datatrove: the step between its reader and writer, what it counts, and plans that are there already."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pipelines import RECORDS, expected

import dedupe
from dedupe.errors import InputError
from dedupe.integrations import datatrove as datatrove_step


def test_datatrove_runs_it_between_its_reader_and_writer(tmp_path: Path) -> None:
    pytest.importorskip("datatrove")
    pytest.importorskip("orjson")
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter

    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    written = [{name: value for name, value in record.items() if value is not None} for record in RECORDS]
    (source / "a.jsonl").write_text("".join(json.dumps(record) + "\n" for record in written), "utf-8")
    steps = [JsonlReader(str(source)), datatrove_step.DedupeFormatter(), JsonlWriter(str(target), compression=None)]
    counted = LocalPipelineExecutor(steps, tasks=1, logging_dir=str(tmp_path / "logs")).run()
    lines = [json.loads(line) for line in next(target.glob("*.jsonl")).read_text("utf-8").splitlines()]
    wanted = {record["id"]: text for record, (text, _) in zip(RECORDS, expected(), strict=True)}
    assert len(lines) >= 4
    for line in lines:
        assert line["text"] == wanted[line["id"]]
        if "plan" in line["metadata"]:
            before = next(record["text"] for record in RECORDS if record["id"] == line["id"])
            assert dedupe.undo(line["text"], json.loads(line["metadata"]["plan"])) == before
    numbers = {name: stat.total for name, stat in counted.stats[1].stats.items()}
    assert numbers["total"] == len(lines)
    assert numbers["changed"] == sum(
        line["text"] != r["text"] for line in lines for r in RECORDS if r["id"] == line["id"]
    )
    assert numbers["applied/LAY001"] == 1


def test_datatrove_keeps_a_plan_that_is_there() -> None:
    pytest.importorskip("datatrove")
    from datatrove.data import Document

    document = Document("Snow fell. layers", "a", metadata={"plan": "of another kind"})
    with pytest.raises(InputError, match="a field 'plan' already"):
        list(datatrove_step.DedupeFormatter()([document]))
    assert document == Document("Snow fell. layers", "a", metadata={"plan": "of another kind"})
    (done,) = datatrove_step.DedupeFormatter(plan="why")([document])
    assert (done.text, done.metadata["plan"]) == ("Snow fell.", "of another kind")
