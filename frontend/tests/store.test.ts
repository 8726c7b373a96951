import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, it } from "vitest";
import { bytes } from "../src/der/bytes";
import { deleteKey, type KeyRecord, keyByPublicKey, keysOfOrder, markBackupChecked, recordId, requireStore, storeKeys } from "../src/keys/store";

function record(item: string, spkiSha256: string, order = "order"): KeyRecord {
  const octets = bytes([1]);
  const times = { createdAt: "2026-11-20T00:00:00Z", backupChecked: "" };
  const wrapped = { salt: octets, iv: octets, iterations: 1, wrapped: octets };
  return { id: recordId(order, item), order, item, csr: octets, spkiSha256, ...times, ...wrapped };
}

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

describe("the key store", () => {
  it("finds keys by order and by public key", async () => {
    await storeKeys([record("signing", "aa"), record("encryption", "bb"), record("signing", "cc", "another")]);
    expect((await keysOfOrder("order")).map((key) => key.item).sort()).toEqual(["encryption", "signing"]);
    expect((await keyByPublicKey("bb"))?.item).toBe("encryption");
    expect(await keyByPublicKey("dd")).toBeNull();
  });

  it("keeps a key that another one replaces, as its certificate may still come", async () => {
    await storeKeys([record("signing", "aa")]);
    await storeKeys([record("signing", "bb")]);
    expect((await keyByPublicKey("aa"))?.id).toBe("order/signing/aa");
    expect((await keyByPublicKey("bb"))?.id).toBe("order/signing");
  });

  it("writes the same key twice into one record", async () => {
    await storeKeys([record("signing", "aa")]);
    await storeKeys([record("signing", "aa")]);
    expect(await keysOfOrder("order")).toHaveLength(1);
  });

  it("notes a checked backup, and deletes", async () => {
    const stored = record("signing", "aa");
    await storeKeys([stored]);
    await markBackupChecked(stored, new Date("2026-11-21T00:00:00Z"));
    expect((await keyByPublicKey("aa"))?.backupChecked).toBe("2026-11-21T00:00:00.000Z");
    await deleteKey(stored.id);
    expect(await keyByPublicKey("aa")).toBeNull();
  });

  it("stores all or nothing", async () => {
    const broken = { ...record("encryption", "bb"), csr: (() => 0) as never };
    await expect(storeKeys([record("signing", "aa"), broken])).rejects.toThrow();
    expect(await keysOfOrder("order")).toHaveLength(0);
  });

  it("says plainly that there is no store", async () => {
    globalThis.indexedDB = {
      open() {
        throw new DOMException("private window", "SecurityError");
      },
    } as never;
    await expect(requireStore()).rejects.toThrow("error-no-store");
  });
});
