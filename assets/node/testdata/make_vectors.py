#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes vectors.json: the encodings of assets/node/README.md, written down once more and in another language.

    python3 make_vectors.py > vectors.json

Needs nothing but Python's standard library. Ed25519 is RFC 8032's, slow and plain. Thresholds are
floor((1 - exp(value / total * ln(1 - f))) * 2^64) with 100 decimal digits.
"""
import decimal
import hashlib
import json
import struct

decimal.getcontext().prec = 100
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
BASE_Y = 4 * pow(5, P - 2, P) % P


def recover_x(y, sign):
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    return P - x if x & 1 != sign else x


def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


BASE_X = recover_x(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def times(n, p):
    q = (0, 1, 1, 0)
    while n:
        if n & 1:
            q = add(q, p)
        p, n = add(p, p), n >> 1
    return q


def compress(p):
    inverse = pow(p[2], P - 2, P)
    x, y = p[0] * inverse % P, p[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


class Key:
    def __init__(self, seed):
        self.seed = seed
        digest = hashlib.sha512(seed).digest()
        a = int.from_bytes(digest[:32], "little")
        self.scalar = a & (1 << 254) - 8 | 1 << 254
        self.prefix = digest[32:]
        self.public = compress(times(self.scalar, BASE))

    def sign(self, message):
        r = int.from_bytes(hashlib.sha512(self.prefix + message).digest(), "little") % L
        point = compress(times(r, BASE))
        h = int.from_bytes(hashlib.sha512(point + self.public + message).digest(), "little") % L
        return point + ((r + h * self.scalar) % L).to_bytes(32, "little")


def blake(*parts):
    return hashlib.blake2b(b"".join(parts), digest_size=32).digest()


def u8(n):
    return struct.pack("<B", n)


def u32(n):
    return struct.pack("<I", n)


def u64(n):
    return struct.pack("<Q", n)


def seed(n):
    return bytes([n]) * 32


KEYS = {n: Key(seed(n)) for n in range(5)}


def ledger_encoding(inputs, outputs):
    return (u8(len(inputs)) + b"".join(inputs) + u8(len(outputs)) +
            b"".join(u64(value) + key for value, key in outputs))


def payload(op):
    if "blob" in op:
        return (op["channel"] + u64(op["session"]) + op["blob"] + u64(op["size"]) + u64(op["price"]) +
                op["parent"] + op["signer"].public)
    return op["channel"] + u32(len(op["text"])) + op["text"] + op["parent"] + op["signer"].public


def op_json(op):
    signer = {"parent": op["parent"].hex(), "signer": op["signer"].public.hex()}
    if "blob" in op:
        return {"opcode": 1, "payload": {
            "channel": op["channel"].hex(), "session": op["session"], "blob": list(op["blob"]),
            "blob_size": op["size"], "da_storage_gas_price": op["price"], **signer}}
    return {"opcode": 0, "payload": {
        "channel_id": op["channel"].hex(), "inscription": list(op["text"]), **signer}}


def note_id(ledger_hash, index, value, key):
    return blake(b"NOMOS_NOTE_ID_V1", ledger_hash, u64(index), u64(value), key)


def transaction(name, ops=(), inputs=(), outputs=(), execution=0, storage=0):
    """`inputs`: pairs of note id and owner; `outputs`: pairs of value and public key."""
    ids = [i for i, _ in inputs]
    ledger = ledger_encoding(ids, outputs)
    mantle = (u8(len(ops)) + b"".join(u8(op_json(op)["opcode"]) + payload(op) for op in ops) + ledger + u64(execution) + u64(storage))
    tx_hash = blake(b"NOMOS_MANTLE_TXHASH_V1", mantle)
    ledger_hash = blake(b"NOMOS_LEDGER_TXHASH_V1", ledger)
    proofs = [op["signer"].sign(tx_hash) for op in ops]
    signatures = [owner.sign(tx_hash) for _, owner in inputs]
    signed = mantle + b"".join(proofs) + u8(len(signatures)) + b"".join(signatures)
    return {
        "name": name,
        "json": {
            "mantle_tx": {
                "ops": [op_json(op) for op in ops],
                "ledger_tx": {"inputs": [i.hex() for i in ids],
                              "outputs": [{"value": value, "pk": key.hex()} for value, key in outputs]},
                "execution_gas_price": execution, "storage_gas_price": storage},
            "ops_proofs": [{"Ed25519Sig": list(proof)} for proof in proofs],
            "ledger_tx_proof": {"signatures": [list(s) for s in signatures]}},
        "ledger_encoding": ledger.hex(),
        "mantle_encoding": mantle.hex(),
        "signed_encoding": signed.hex(),
        "hash": tx_hash.hex(),
        "ledger_hash": ledger_hash.hex(),
        "note_ids": [note_id(ledger_hash, i, *o).hex() for i, o in enumerate(outputs)],
        "message_ids": [blake(payload(op)).hex() for op in ops],
    }


def block_root(hashes):
    padding = blake(bytes(32))
    level = [blake(h) for h in hashes] or [padding]
    while len(level) & len(level) - 1:
        level.append(padding)
    while len(level) > 1:
        level = [blake(a, b) for a, b in zip(level[::2], level[1::2])]
    return level[0]


def header_id(parent, slot, root, entropy, proof, key):
    return blake(b"BLOCK_ID_V1", u8(1), parent, u64(slot), root, bytes(32), entropy, proof, key)


CHAIN_ID = bytes(range(32))
NOTES = [(1000, KEYS[1], True), (1000, KEYS[2], True), (100, KEYS[3], False), (100, KEYS[3], False),
         (7, KEYS[4], False)]
GENESIS_HASH = blake(b"NOMOS_GENESIS_V1", CHAIN_ID, u32(len(NOTES)),
                     *(u64(v) + k.public + u8(leader) for v, k, leader in NOTES))
GENESIS_IDS = [note_id(GENESIS_HASH, i, v, k.public) for i, (v, k, _) in enumerate(NOTES)]
GENESIS_ID = header_id(bytes(32), 0, GENESIS_HASH, bytes(32), bytes(128), bytes(32))
GENESIS_NONCE = blake(b"EPOCH_NONCE_V1", CHAIN_ID)


def transactions():
    first = {"channel": seed(0xC1), "text": b"hello", "parent": bytes(32), "signer": KEYS[4]}
    second = dict(first, text=b"", parent=blake(payload(first)))
    blob = {"channel": seed(0xC2), "session": 0, "blob": bytes(range(32)), "size": 31 * 8, "price": 0,
            "parent": bytes(32), "signer": KEYS[0]}
    return [
        transaction("empty"),
        transaction("transfer", inputs=[(GENESIS_IDS[2], KEYS[3])],
                    outputs=[(60, KEYS[4].public), (40, KEYS[3].public)]),
        transaction("two inputs of different owners", inputs=[(GENESIS_IDS[3], KEYS[3]), (GENESIS_IDS[4], KEYS[4])],
                    outputs=[(107, KEYS[0].public)]),
        transaction("inscription", ops=[first]),
        transaction("two inscriptions and a transfer with prices", ops=[first, second],
                    inputs=[(GENESIS_IDS[2], KEYS[3])], outputs=[(2**64 - 1, KEYS[4].public)],
                    execution=2, storage=2**63),
        transaction("blob", ops=[blob]),
        transaction("inscription, and a blob with a price upon it, paid for", ops=[
            first, dict(blob, channel=first["channel"], session=2**64 - 1, size=2**40, price=3,
                        parent=blake(payload(first)), signer=KEYS[4])],
                    inputs=[(GENESIS_IDS[2], KEYS[3])], outputs=[(1, KEYS[4].public)], execution=1),
    ]


def block():
    slot, key = 5, KEYS[1]
    leadership = key.sign(b"NOMOS_LEADER_V1" + u64(slot) + GENESIS_NONCE)
    txs = transactions()[1:4]
    hashes = [bytes.fromhex(tx["hash"]) for tx in txs]
    root = block_root(hashes)
    proof = leadership + GENESIS_IDS[0] + bytes(32)
    entropy = blake(b"NOMOS_ENTROPY_V1", leadership)
    the_id = header_id(GENESIS_ID, slot, root, entropy, proof, key.public)
    return {
        "parent": GENESIS_ID.hex(), "slot": slot, "block_root": root.hex(), "voucher": bytes(32).hex(),
        "entropy": entropy.hex(), "proof": proof.hex(), "leader_key": key.public.hex(),
        "header_id": the_id.hex(), "signature": key.sign(the_id).hex(), "transaction_hashes": [h.hex() for h in hashes],
        "ticket": str(int.from_bytes(blake(b"NOMOS_TICKET_V1", GENESIS_IDS[0], leadership)[:8], "big")),
        "nonce_before": GENESIS_NONCE.hex(),
        "nonce_after": blake(b"EPOCH_NONCE_V1", GENESIS_NONCE, entropy, u64(slot)).hex(),
    }


def threshold(f, value, total):
    one, f = decimal.Decimal(1), decimal.Decimal(f)
    if value == 0:
        return 0
    if f == one:
        return 2**64
    phi = f if value == total else one - (decimal.Decimal(value) / total * (one - f).ln()).exp()
    # A rounding of the last digits must not fall below an integer that is meant.
    return int((phi * 2**64 + decimal.Decimal("1e-60")).to_integral_value(decimal.ROUND_FLOOR))


def lottery():
    cases = [("1", 1, 1), ("1", 1, 1000), ("1.0", 5, 7), ("0.9", 0, 1000), ("1", 0, 5), ("0.75", 1, 2), ("0.75", 5, 10),
             ("0.5", 1, 1), ("0.875", 1, 3), ("0.99", 1, 2), ("0.000000000000000001", 1, 1),
             ("0.999999999999999999", 1, 1), ("0.999999999999999999", 1, 2**64 - 1), ("0.9", 2**64 - 1, 2**64 - 1),
             ("0.9", 1, 2**64 - 1), ("0.033333333333333333", 1, 30)]
    for f in ("0.9", "0.5", "0.1", "0.05", "0.9999", "0.3"):
        for total in (1, 2, 3, 4, 5, 7, 16, 32):
            cases += [(f, 1000, 1000 * total), (f, 1000 * (total - 1) + 1, 1000 * total)]
    return [{"f": f, "value": str(v), "total": str(t), "threshold": str(threshold(f, v, t))} for f, v, t in cases]


print(json.dumps({
    "about": "Written by make_vectors.py. Bytes are hexadecimal; numbers of 64 bits and more are decimal text, except "
             "inside \"json\", which is what the API takes.",
    "keys": [{"seed": key.seed.hex(), "public_key": key.public.hex()} for key in KEYS.values()],
    "transactions": transactions(),
    "genesis": {
        "chain_id": CHAIN_ID.hex(),
        "notes": [{"value": v, "public_key": k.public.hex(), "leader": leader} for v, k, leader in NOTES],
        "ledger_hash": GENESIS_HASH.hex(), "header_id": GENESIS_ID.hex(), "nonce": GENESIS_NONCE.hex(),
        "note_ids": [i.hex() for i in GENESIS_IDS]},
    "block_roots": [{"hashes": [seed(i).hex() for i in range(n)], "root": block_root([seed(i) for i in range(n)]).hex()}
                    for n in (0, 1, 2, 3, 4, 5, 8, 9)],
    "block": block(),
    "lottery": lottery(),
}, indent=1))
