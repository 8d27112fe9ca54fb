"""What honest shops write to their customers, full of what looks like a way off the platform.

Reviews hardly ever hold a number, so they say little about false finds. These sentences are made up
for that: order and tracking numbers, sizes, payments through a messenger, brands and foods whose
names are those of messengers, pick-up codes, official hotlines named as such.
"""

import random
from collections.abc import Iterator
from typing import Final

_PATTERNS: Final = (
    "亲，您的订单号{order}已发货，运单号{tracking}，请注意查收。",
    "您好，{courier}单号：{tracking}，预计{day}号送达。",
    "这款尺码{size}的衣长{cm}cm，胸围{cm2}cm，体重{kg}斤可以穿。",
    "订单{order}已为您申请退款{price}元，1-3个工作日原路退回。",
    "微信支付的订单退款会退到微信零钱里，请查看账单。",
    "您是用微信付款的还是支付宝付款的呢？",
    "亲，微信支付和支付宝都可以，付款后{hour}小时内发货。",
    "退款{price}元已退回您的微信钱包，请注意查收哦。",
    "QQ糖是橡皮糖，保质期{month}个月，生产日期{date}。",
    "QQ弹弹的口感，加{n}个赠品给您。",
    "企鹅公仔高{cm}厘米，填充PP棉，可以机洗。",
    "这款球球抱枕直径{cm}厘米，颜色有3种。",
    "电池型号CR2032，电压3V，容量{mah}毫安。",
    "型号VX{model}，功率{watt}W，质保{year}年。",
    "加我们店铺会员可以领{n}元优惠券。",
    "加我店里的购物车满{price}减{n}。",
    "给您加急处理了，今天{hour}点前发出。",
    "找我们客服申请售后就可以，编号{order}。",
    "联系我的时间请在{hour}点到22点之间，平台上留言即可。",
    "取件码{n}-{n2}-{code}，请尽快到驿站取件。",
    "请扫描包裹上的二维码取件，验证码{code}。",
    "请扫码支付运费{n}元，快递员会上门取件。",
    "说明书上有二维码，扫一扫可以看安装视频。",
    "保修卡背面有二维码，扫码登记序列号{serial}即可延保。",
    "商品条码{barcode}，货号{model}，请核对。",
    "发票抬头和税号{tax}已收到，电子发票{day}号前开好。",
    "生产许可证编号SC{barcode}，请放心购买。",
    "身份证号码不用提供，清关用的订单编号{order}就行。",
    "每{kg}克含维生素C{n}毫克，微量元素{n2}种。",
    "微波炉加热{n}分钟即可食用，功率{watt}瓦。",
    "薇诺娜面霜50g，批号{serial}，正品保证。",
    "威化饼干每箱{n}包，净含量{kg}克。",
    "卫星信号接收器，频率{mah}兆赫。",
    "您可以拨打平台客服热线投诉，也可以在订单页申请介入。",
    "有问题可以打12315消费者热线，我们配合处理。",
    "售后申请编号{serial}，平台会在{hour}小时内审核。",
    "收到，三天内补发，运费{n}元由我们承担。",
    "库存还有{n}件，今天下单送{n2}双袜子。",
    "这批货{date}到仓，{day}号开始发。",
    "分辨率1920x1080，刷新率144Hz，接口Type-C。",
    "鞋码对照：{size}码脚长{cm2}毫米。",
    "活动时间11月{day}日{hour}点到12月{day}日24点。",
    "满300减40，满500减80，可叠加店铺券。",
    "我们核实了监控，{date} {hour}:30 打包时商品完好。",
    "您提供的照片看不清标签，请在平台上传一张吊牌的照片。",
    "质检报告编号{serial}，报告可以在商品详情页查看。",
    "亲，七天无理由退货的话运费{n}元需要您承担哦。",
    "同意退款{price}元，请您在订单页点确认。",
    "抱歉让您久等了，仓库爆单，预计{day}号补发单号{tracking}。",
    "这款手机支持微信、QQ分身，内存{n}+256G。",
    "手表可以接收微信消息和QQ消息提醒，续航{n}天。",
    "游戏点卡为QQ会员{n}个月，充值后不支持退款。",
    "微信红包封面为虚拟商品，发货后不退不换。",
    "儿童手表可加好友、可扫码绑定家长手机。",
    "路由器默认地址见底部铭牌，初始密码{code}。",
    "Your order {order} shipped today, tracking {tracking}.",
    "The refund of {price} CNY goes back to your WeChat Pay balance.",
    "Model VX-{model}, {watt} W, two-year warranty.",
    "Please add a photo of the label here in the chat.",
    "Scan the code on the parcel to collect it, locker {n}, code {code}.",
    "Size {size} fits a chest of {cm2} cm; add 2 cm for a loose fit.",
    "We sent a replacement on {date}; delivery takes {n} days.",
    "Batch {serial}, best before {date}.Please keep it cool.",
    "The manual is in the box.So is the charger.",
    "Call the platform's hotline if the courier does not show up.",
    "Contact us here with your order number {order}.",
    "The QQ bubble gum comes in packs of {n}.",
    "It runs WeChat and QQ, {n} GB of memory.",
)
_TIMES: Final = 40
"""How often each is filled."""


def shop_talk(seed: int) -> Iterator[str]:
    """Every sentence, filled some dozen times; the same ones for the same seed."""
    for number, pattern in enumerate(_PATTERNS):
        dice = random.Random(f"{seed}shop{number}")  # noqa: S311 - the same texts every time
        for _ in range(_TIMES if "{" in pattern else 1):
            yield pattern.format(**_blanks(dice))


def _blanks(dice: random.Random) -> dict[str, str]:
    def digits(count: int) -> str:
        return "".join(dice.choice("0123456789") for _ in range(count))

    return {
        "order": digits(dice.choice((12, 15, 18, 19))),
        "tracking": dice.choice(("SF", "YT", "JD", "", "7")) + digits(dice.choice((12, 13, 15))),
        "courier": dice.choice(("顺丰", "圆通", "中通", "京东")),
        "barcode": "69" + digits(11),
        "serial": dice.choice(("SN", "A", "")) + digits(dice.choice((8, 10, 11, 14))),
        "tax": "91" + digits(16),
        "model": digits(dice.choice((3, 4))),
        "code": digits(dice.choice((4, 6))),
        "mah": digits(4),
        "price": f"{dice.randint(9, 2999)}.{digits(2)}",
        "date": f"2026{dice.choice('-./')}{dice.randint(1, 12):02}-{dice.randint(1, 28):02}",
        "day": str(dice.randint(1, 28)),
        "hour": str(dice.randint(8, 22)),
        "month": str(dice.randint(6, 36)),
        "year": str(dice.randint(1, 5)),
        "size": str(dice.randint(35, 46)),
        "cm": str(dice.randint(20, 120)),
        "cm2": str(dice.randint(80, 280)),
        "kg": str(dice.randint(90, 180)),
        "watt": str(dice.randint(10, 2200)),
        "n": str(dice.randint(1, 30)),
        "n2": str(dice.randint(1, 30)),
    }
