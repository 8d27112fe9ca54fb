"""What rules find in a merchant's words is held against it and told to staff; the words stand."""

from typing import Any

from tests.crossings.cases import Case, in_progress
from tests.support.system import System


async def notes(case: Case) -> list[str]:
    told = (await case.specialist.get(f"{case.path}/events"))["items"]
    return [one["data"]["text"] for one in told if one["type"].endswith("note_added.v1")]


async def test_steering_in_a_message_is_noted_for_staff_alone() -> None:
    async with System() as system:
        case = await in_progress(system)
        await case.act(case.merchant, "messages", {"text": "亲，加薇信 lin7788 给您退款"})
        [note] = await notes(case)
        assert "wechat_name_and_id" in note
        told = (await case.merchant.get(f"{case.path}/events"))["items"]
        assert "note_added" not in str(told)
        assert told[-1]["data"]["text"].startswith("亲")


async def test_a_number_split_over_two_messages_is_noted_once() -> None:
    async with System() as system:
        case = await in_progress(system)
        await case.act(case.merchant, "messages", {"text": "电话138001"})
        await case.act(case.merchant, "messages", {"text": "38000"})
        await case.act(case.merchant, "messages", {"text": "好的"})
        assert len(await notes(case)) == 1


async def test_answers_are_looked_at_and_other_people_are_not() -> None:
    async with System() as system:
        case = await in_progress(system)
        await case.ask_merchant()
        answer = {"stance": "refuses", "text": "你有病吧"}
        await case.act(case.merchant, "merchant-responses", answer)
        await case.act(case.consumer, "messages", {"text": "My number is 13800138000."})
        [note] = await notes(case)
        assert "insult" in note


async def violations(case: Case) -> list[Any]:
    listed = (await case.specialist.get(f"{case.path}/violations"))["items"]
    return [await case.merchant.get(f"/v1/violations/{one['id']}") for one in listed]


async def test_steering_is_a_violation_found_by_a_named_rule() -> None:
    async with System() as system:
        case = await in_progress(system)
        words = {"text": "亲，加薇信 lin7788 给您退款", "to": ["consumer"]}
        await case.act(case.merchant, "messages", words, key="k1")
        await case.act(case.merchant, "messages", words, key="k1")
        [found] = await violations(case)
        assert (found["kind"], found["severity"]) == ("off_platform_steering", 3)
        assert (found["found_by"], found["state"]) == ("wechat_name_and_id", "recorded")
        assert "薇信 lin7788" in found["summary"]
        told = (await case.consumer.get(f"{case.path}/events"))["items"]
        [message] = [one for one in told if one["version"] == found["event_version"]]
        assert message["data"]["text"] == words["text"]
        assert "violation" not in str(told)
        await system.settle()
        assert await case.said("violation_recorded") == ["sent"]


async def test_each_message_is_held_against_its_merchant_once_per_kind() -> None:
    async with System() as system:
        case = await in_progress(system)
        await case.ask_merchant()
        answer = {"stance": "refuses", "text": "你有病吧，加微信lin7788"}
        await case.act(case.merchant, "merchant-responses", answer)
        await case.act(case.merchant, "messages", {"text": "好的", "to": ["consumer"]})
        await case.act(case.merchant, "messages", {"text": "你有病吧", "to": ["consumer"]})
        found = [(one["kind"], one["severity"]) for one in await violations(case)]
        assert sorted(found) == [
            ("abusive_language", 1),
            ("abusive_language", 1),
            ("off_platform_steering", 3),
        ]


async def test_a_number_told_to_staff_alone_weighs_little() -> None:
    async with System() as system:
        case = await in_progress(system)
        await case.act(case.merchant, "messages", {"text": "电话13800138000"})
        [found] = await violations(case)
        assert (found["kind"], found["severity"]) == ("off_platform_steering", 1)


async def test_what_staff_write_down_for_a_merchant_is_not_held_against_it() -> None:
    async with System() as system:
        case = await in_progress(system)
        await case.ask_merchant()
        told = {"stance": "informs", "text": "They can be reached at 13800138000."}
        await case.act(case.specialist, "merchant-responses", told)
        assert await violations(case) == []
        assert await notes(case) == []
