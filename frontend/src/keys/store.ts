import type { Bytes } from "../der/bytes";
import { Refusal } from "../refusal";
import type { WrappedKey } from "./wrap";

const DATABASE = "sigillum";
const STORE = "keys";
const BY_ORDER = "order";
const BY_PUBLIC_KEY = "spkiSha256";

/** One key of this browser, always encrypted under the key password. */
export interface KeyRecord extends WrappedKey {
  /** order + "/" + item. A key that was replaced keeps its record under order + "/" + item + "/" + spkiSha256. */
  readonly id: string;
  readonly order: string;
  readonly item: string;
  /** CertificationRequest as DER; empty for a key that came back from a file. */
  readonly csr: Bytes;
  readonly spkiSha256: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** When a backup of this key was checked (ISO 8601, UTC); empty before. */
  readonly backupChecked: string;
}

/** Id of the record in force for one item of an order. */
export function recordId(order: string, item: string): string {
  return `${order}/${item}`;
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    // Some browsers throw here in private windows, others fail the request.
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      const store = request.result.createObjectStore(STORE, { keyPath: "id" });
      store.createIndex(BY_ORDER, BY_ORDER);
      store.createIndex(BY_PUBLIC_KEY, BY_PUBLIC_KEY);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("no database"));
    request.onblocked = () => reject(new Error("database blocked"));
  });
}

/** Runs `act` in one transaction and settles when the transaction is complete, which is when the data is safe. */
async function transact<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T> | null): Promise<T | undefined> {
  let database: IDBDatabase;
  try {
    database = await open();
  } catch {
    throw new Refusal("error-no-store");
  }
  try {
    return await new Promise<T | undefined>((resolve, reject) => {
      // "strict": complete is reported only when the data is on disk, not in a cache of the operating system.
      const transaction = database.transaction(STORE, mode, { durability: "strict" });
      const request = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onabort = () => reject(transaction.error ?? new Error("transaction aborted"));
    });
  } catch (error) {
    throw error instanceof DOMException && error.name === "QuotaExceededError" ? new Refusal("error-store-full") : new Refusal("error-no-store");
  } finally {
    database.close();
  }
}

/** Refuses where this browser keeps no keys: private windows, or storage switched off. */
export async function requireStore(): Promise<void> {
  await transact("readonly", (store) => store.count());
}

/** Every key of an order, replaced ones too. */
export async function keysOfOrder(order: string): Promise<KeyRecord[]> {
  return (await transact("readonly", (store) => store.index(BY_ORDER).getAll(order) as IDBRequest<KeyRecord[]>)) ?? [];
}

/** The key with this public key, or null. */
export async function keyByPublicKey(spkiSha256: string): Promise<KeyRecord | null> {
  const found = await transact("readonly", (store) => store.index(BY_PUBLIC_KEY).get(spkiSha256) as IDBRequest<KeyRecord | undefined>);
  return found ?? null;
}

/**
 * Stores all records or none. A record already there under the same id is kept under a longer id: it may belong to a request that
 * another tab has just sent, and a certificate finds its key by public key, not by id.
 */
export async function storeKeys(records: readonly KeyRecord[]): Promise<void> {
  await transact("readwrite", (store) => {
    for (const record of records) {
      const previous = store.get(record.id) as IDBRequest<KeyRecord | undefined>;
      previous.onsuccess = () => {
        const old = previous.result;
        if (old && old.spkiSha256 !== record.spkiSha256) store.put({ ...old, id: `${old.id}/${old.spkiSha256}` });
        store.put(record);
      };
    }
    return null;
  });
}

/** Notes that a backup of this key was opened and holds the right key. */
export async function markBackupChecked(record: KeyRecord, at: Date): Promise<void> {
  await transact("readwrite", (store) => store.put({ ...record, backupChecked: at.toISOString() }));
}

/** Deletes the key from this browser for good. */
export async function deleteKey(id: string): Promise<void> {
  await transact("readwrite", (store) => store.delete(id));
}
