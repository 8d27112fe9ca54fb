"""What rules find in a merchant's words is noted for staff; the words themselves stand."""

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
