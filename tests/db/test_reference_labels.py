import db.reference_labels
from db.engine import transaction
from db.records import ReferenceLabel
from tests.db.samples import store_clips


def test_a_corrected_label_replaces_what_the_same_source_said(engine):
    with transaction(engine) as tx:
        one, two = store_clips(tx, 2)
        said = [
            ReferenceLabel(one, "emotion", "anger", "nemo"),
            ReferenceLabel(one, "valence", "2", "nemo"),
            ReferenceLabel(one, "emotion", "fear", "other"),
        ]
        assert db.reference_labels.add(tx, said) == 3
        corrected = ReferenceLabel(one, "emotion", "sadness", "nemo")
        new = ReferenceLabel(two, "emotion", "neutral", "nemo")
        assert db.reference_labels.add(tx, [corrected, new, *said[1:]]) == 1
        frame = db.reference_labels.frame(tx, "emotion")
        assert len(db.reference_labels.frame(tx)) == 4
    stands = {(row.segment_id, row.source): row.value for row in frame.itertuples()}
    assert stands == {(one, "nemo"): "sadness", (one, "other"): "fear", (two, "nemo"): "neutral"}
    keys = list(zip(frame["segment_id"], frame["source"], strict=True))
    assert keys == sorted(keys)
