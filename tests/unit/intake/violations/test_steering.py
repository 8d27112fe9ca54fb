"""Ways off the platform are found through disguises, and ordinary talk is left alone."""

import pytest

from services.intake.domain.violations.findings import FindingKind
from services.intake.domain.violations.steering import find_steering

FOUND = [
    (FindingKind.WECHAT, "亲，加微信abc12345发您优惠"),
    (FindingKind.WECHAT, "薇信：lovely_01"),
    (FindingKind.WECHAT, "微❤ a b c 1 2 3 4 5"),
    (FindingKind.WECHAT, "vx：kk8899x"),
    (FindingKind.WECHAT, "+V kk8899x"),
    (FindingKind.WECHAT, "➕薇 kk8899x"),
    (FindingKind.WECHAT, "V信号是 lovelygirl"),
    (FindingKind.WECHAT, "wei xin hello778"),
    (FindingKind.WECHAT, "ｗｅｃｈａｔ ｌｉｎ７７８８"),
    (FindingKind.WECHAT, "微\u200b信\u200cl\u200di\ufeffn7788"),
    (FindingKind.WECHAT, "微信同号13800138000"),
    (FindingKind.WECHAT, "卫星号lin7788"),
    (FindingKind.QQ, "QQ 12345678"),
    (FindingKind.QQ, "扣扣１２３４５６７８"),
    (FindingKind.QQ, "企鹅号①②③④⑤⑥⑦"),
    (FindingKind.QQ, "🐧：1234567"),
    (FindingKind.QQ, "加q九五二七九五二七"),
    (FindingKind.QQ, "抠抠 l23oo78"),
    (FindingKind.PHONE, "打这个：13800138000"),
    (FindingKind.PHONE, "1 3.8-0 0 1·3 8.0 0 0"),
    (FindingKind.PHONE, "一三八零零一三八零零零"),
    (FindingKind.PHONE, "壹叁捌零零壹叁捌零零零"),
    (FindingKind.PHONE, "①③⑧⓪⓪①③⑧⓪⓪⓪"),
    (FindingKind.PHONE, "I38oo138ooo"),
    (FindingKind.PHONE, "1😀3😀8😀0😀0😀1😀3😀8😀0😀0😀0"),
    (FindingKind.PHONE, "+86 138 0013 8000"),
    (FindingKind.PHONE, "座机 010-62345678 找我"),
    (FindingKind.PHONE, "客服 8 13800138000"),
    (FindingKind.PHONE, "订单有问题打电话13800138000"),
    (FindingKind.URL, "看这里 http://www.tao-8.com/a1"),
    (FindingKind.URL, "w w w . t a o 8 . c o m"),
    (FindingKind.URL, "w  w  w  .  t  a  o  .  c  o  m"),
    (FindingKind.PHONE, "8613800138000"),
    (FindingKind.QQ, "QQ 123456，78块钱"),
    (FindingKind.URL, "ｗｗｗ．ｔａｏ８．ｃｏｍ"),
    (FindingKind.URL, "www。tao8。com"),
    (FindingKind.URL, "tao八点com"),
    (FindingKind.URL, "abc . vip"),
    (FindingKind.URL, "t.cn/Ab12"),
    (FindingKind.URL, "seller@tao8.com"),
    (FindingKind.QR, "扫下方二维码加我返现"),
    (FindingKind.QR, "长按识别二维码进群"),
    (FindingKind.QR, "加店主请扫码"),
    (FindingKind.QR, "Scan the QR code to add me"),
    (FindingKind.UNNAMED_ID, "加我 xiaoli_99"),
    (FindingKind.UNNAMED_ID, "联系我：2233445566"),
]

LEFT_ALONE = [
    "",
    "！！！",
    "微信支付可以吗",
    "支持微信和支付宝付款",
    "我用微信wechat付的",
    "The refund goes back to your WeChat Pay balance.",
    "请登记序列号A0277441102",
    "订单号13800138000，帮我查一下",
    "快递单号 13800138000123 没有更新",
    "价格199，买了3件，2026年5月1日12点下单",
    "尺码 175 / 92A，预算 1000-1500 元",
    "型号CQ40-514TX",
    "Great product.Top quality",
    "The end. Me too",
    "加我一个",
    "加我的订单里",
    "扫码支付失败",
    "防伪二维码打不开",
    "企鹅玩偶掉色",
    "一二三四五六七",
    "138001380001",
    "99913800138000",
    "1380013,8000",
    "version 1.5.2",
    "联系我 thanks",
    "oooooooollll",
]


@pytest.mark.parametrize(("kind", "text"), FOUND)
def test_a_way_off_the_platform_is_found(kind: FindingKind, text: str) -> None:
    found = find_steering([text])
    assert kind in {finding.kind for finding in found}
    for finding in found:
        assert text[finding.start :].startswith(finding.text)
        assert 1 <= finding.severity <= 3
        assert finding.rule


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_ordinary_talk_is_left_alone(text: str) -> None:
    assert find_steering([text]) == []


def test_a_number_split_over_two_messages_is_put_together() -> None:
    [finding] = find_steering(["我的电话138001", "38000，记得打"])
    assert (finding.kind, finding.message) == (FindingKind.PHONE, 0)
    assert finding.text == "138001\n38000"
    [named] = find_steering(["好的", "QQ 1234", "5678"])
    assert (named.kind, named.message, named.start) == (FindingKind.QQ, 1, 0)


def test_one_place_is_reported_once() -> None:
    [finding] = find_steering(["微信13800138000"])
    assert finding.rule == "wechat_name_and_id"


def test_several_are_reported_each() -> None:
    kinds = [finding.kind for finding in find_steering(["微信lin7788，QQ 12345678，t.cn/ab"])]
    assert kinds == [FindingKind.WECHAT, FindingKind.QQ, FindingKind.URL]
