"""What a bundle tells whoever opens it."""

from typing import Final

TEXT: Final = """\
This is the record of one complaint. It can be checked without us.

  events/       every event of the complaint, in order, as it was stored
  texts.json    what people wrote, with the key to each text: in the events it lies sealed
  evidence/     the files that were handed in
  manifest.json what is in here: who did what and when, and the SHA-256 of every file
  manifest.sig  our Ed25519 signature of manifest.json (64 bytes)
  public-key.pem  the key it was signed with: compare it with the one that we publish

1. With openssl (1.1.1 or newer):
     openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin \\
       -in manifest.json -sigfile manifest.sig
2. Compare the SHA-256 of each file with manifest.json:
     sha256sum events/* texts.json evidence/*
3. Whether the texts are those in the events: AES-256-GCM, for each text its key from
   texts.json, nonce "n", ciphertext and tag "c", additional data "s" of its event. A text
   without a key is of a person who was erased: nobody can read it any more.
Or all at once: amends verify FILE.zip --key PUBLISHED-KEY.pem


这是一宗投诉的完整记录,不依赖本平台即可核验。

  events/       该投诉的全部事件,按先后顺序,与存储时逐字节一致
  texts.json    当事人所写的文字及每段文字的密钥(事件中的文字均已加密)
  evidence/     当事人提交的证据文件
  manifest.json 清单:何人、何时、做了什么,以及每个文件的 SHA-256
  manifest.sig  本平台对 manifest.json 的 Ed25519 签名(64 字节)
  public-key.pem  签名所用的公钥,请与本平台公布的公钥比对

1. 用 openssl(1.1.1 及以上)验证签名:
     openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin \\
       -in manifest.json -sigfile manifest.sig
2. 逐个比对文件的 SHA-256 与 manifest.json 中所列是否一致:
     sha256sum events/* texts.json evidence/*
3. 核对文字与事件是否一致:AES-256-GCM,密钥取自 texts.json 中该段文字的 "key",事件中的 "n" 为
   随机数(nonce),"c" 为密文及认证标签,"s" 为附加认证数据。没有密钥的文字属于个人信息已被删除的人,
   任何人都无法再读取。
也可一次完成:amends verify FILE.zip --key 公布的公钥.pem
"""
