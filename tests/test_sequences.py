import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.sequences import Placement, SequenceTable, shared_length

TOKENS = st.lists(st.integers(0, 3), min_size=1, max_size=8)


def test_a_prompt_that_starts_like_one_in_memory_is_not_decoded_again() -> None:
    table = SequenceTable(3)
    table.hold(1, [1, 2, 3, 4])
    assert table.place([[1, 2, 3, 9]]) == [Placement(prompt=0, target=1, source=1, kept=3)]


def test_two_prompts_on_one_prefix_get_a_sequence_each() -> None:
    table = SequenceTable(3)
    table.hold(0, [1, 2, 3])
    placements = table.place([[1, 2, 8], [1, 2, 3, 9]])
    assert placements == [
        Placement(prompt=1, target=0, source=0, kept=3),
        Placement(prompt=0, target=1, source=0, kept=2),
    ]


def test_a_new_passage_does_not_cost_the_one_read_before_its_place() -> None:
    table = SequenceTable(3)
    table.hold(0, [1, 2, 3, 4, 5, 6])
    assert table.place([[1, 2, 9, 9, 9, 9]]) == [Placement(prompt=0, target=1, source=0, kept=2)]


def test_where_there_is_one_sequence_only_it_is_cut_back() -> None:
    table = SequenceTable(1)
    table.hold(0, [1, 2, 3, 4, 5, 6])
    assert table.place([[1, 2, 9]]) == [Placement(prompt=0, target=0, source=0, kept=2)]


def test_the_last_token_is_decoded_even_if_all_is_in_memory() -> None:
    table = SequenceTable(2)
    table.hold(0, [1, 2, 3])
    assert table.place([[1, 2, 3]])[0].kept == 2


def test_more_prompts_than_sequences_is_refused() -> None:
    with pytest.raises(ValueError, match="3 prompts do not fit 2"):
        SequenceTable(2).place([[1], [2], [3]])


def test_the_sequence_unused_for_longest_makes_room() -> None:
    table = SequenceTable(3)
    for sequence in (0, 1, 2):
        table.hold(sequence, [sequence])
    assert table.oldest_outside({0}) == 1
    table.hold(1, [])
    assert table.oldest_outside({0}) == 2
    assert table.oldest_outside({0, 2}) is None


@given(st.lists(st.lists(TOKENS, min_size=1, max_size=4), max_size=6))
def test_what_is_kept_is_always_what_the_prompt_says(batches: list[list[list[int]]]) -> None:
    table = SequenceTable(4)
    memory: dict[int, list[int]] = {s: [] for s in range(4)}
    for prompts in batches:
        targets = {}
        for placement in table.place(prompts):
            prompt = prompts[placement.prompt]
            kept = memory[placement.source][: placement.kept]
            assert kept == prompt[: placement.kept]
            assert placement.kept < len(prompt)
            memory[placement.target] = kept
            targets[placement.target] = prompt
        assert len(targets) == len(prompts)
        for sequence, prompt in targets.items():
            memory[sequence] = list(prompt)
            table.hold(sequence, prompt)


@given(TOKENS, TOKENS)
def test_shared_length_is_the_longest_common_start(a: list[int], b: list[int]) -> None:
    length = shared_length(a, b)
    assert a[:length] == b[:length]
    assert length in (len(a), len(b)) or a[length] != b[length]
