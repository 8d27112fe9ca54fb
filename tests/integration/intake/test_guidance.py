"""The consumer's answer carries guidance, in their language, with the deadline that sla said."""

from tests.crossings.cases import file, in_progress
from tests.support.system import System

ASK = {"items": ["a photo of the label"], "reason": "It shows whether it is genuine."}
UNCLEAR = {
    "channel": "app",
    "consumer_id": "u1",
    "merchant_id": "m1",
    "order_ids": ["o1"],
    "category": "quality",
    "description": "坏了",
    "demand": {"kind": "refund"},
    "language": "zh-CN",
}


async def test_filing_unclearly_is_taken_and_answered_with_what_would_help() -> None:
    async with System() as system:
        consumer = system.as_("consumer", "u1")
        filed = await consumer.post("/v1/complaints", UNCLEAR)
        told = filed["guidance"]
        assert [one["code"] for one in told["unclear"]] == ["amount", "description"]
        assert told["evidence"] == ["订单截图", "商品照片"]
        assert (told["language"], told["turn_sentence"]) == ("zh-CN", "现在轮到平台。")


async def test_a_question_is_read_with_the_deadline_once_sla_has_said_it() -> None:
    async with System() as system:
        case = await in_progress(system)
        asked = await case.act(case.specialist, "consumer-requests", ASK)
        assert asked["guidance"]["your_move"]["due_at"] is None
        await system.settle()
        [clock] = (await case.ops.get("/v1/clocks", complaint_id=case.id, kind="consumer_reply"))[
            "items"
        ]
        move = (await case.consumer.get(case.path))["guidance"]["your_move"]
        assert move == {
            "what": ["a photo of the label"],
            "why": "It shows whether it is genuine.",
            "due_at": clock["due_at"],
        }
        await case.act(case.consumer, "consumer-responses", {"text": "Here."})
        await system.settle()
        told = (await case.consumer.get(case.path))["guidance"]
        assert (told["your_move"], told["due_at"]) == (None, None)


async def test_the_language_is_the_readers_or_else_the_complaints() -> None:
    async with System() as system:
        case = await file(system)
        for header, language in (("zh-CN,zh;q=0.9", "zh-CN"), ("fr", "en"), ("*", "en")):
            wanted = {"Accept-Language": header}
            answer = await case.consumer.request("GET", case.path, headers=wanted)
            assert answer.json()["guidance"]["language"] == language
        assert "guidance" not in await case.merchant.get(case.path)


async def test_an_act_that_is_repeated_is_answered_with_the_same_guidance() -> None:
    async with System() as system:
        case = await in_progress(system)
        path = f"{case.path}/consumer-requests"
        first = await case.specialist.request("POST", path, ASK, key="k")
        await system.settle()
        again = await case.specialist.request("POST", path, ASK, key="k")
        assert again.json() == first.json()
