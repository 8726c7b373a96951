declare module "des.js" {
  interface Cipher {
    update(data: ArrayLike<number>): number[];
    final(): number[];
  }
  interface Options {
    type: "encrypt" | "decrypt";
    key: ArrayLike<number>;
    iv?: ArrayLike<number>;
    padding?: boolean;
  }
  const EDE: unique symbol;
  const CBC: { instantiate(base: typeof EDE): { create(options: Options): Cipher } };
}
