import { describe, expect, it } from "vitest";
import { isScryptHash } from "../../../src/http/auth/scrypt-hash.ts";
import {
  hashPassword,
  passwordFormatOf,
  verifyPassword,
} from "../../../src/http/auth/passwords.ts";

/** Made with crypt(3), openssl, hashlib and bcryptjs; the scrypt one is from RFC 7914 section 12. */
const KNOWN: readonly (readonly [format: string, password: string, hash: string])[] = [
  ["sha-crypt", "pass", "$5$saltstring$/OUd2NwqWSQLmFTtl7/tjQuCqyiCYIE1xKjz05k3up0"],
  [
    "sha-crypt",
    "a longer password than sixteen characters, to be sure",
    "$6$rounds=1400$anotherlongsalts$HK0Uv5eofDi4xCW7K2NdcMqM.EbogqKldnPRBH6kkRFsZwNVexYXUstO6gXKr7QFPG7BcO4NWx3xtOugegVlg0",
  ],
  [
    "sha-crypt",
    "",
    "$6$emptysalt$TrI.h19YNad.S.Xw2WEgON9ojBrkXYcCfZrEcOEa9k/Bp5Sw4dxhsyY0KdBJ5Vt2UbEFOMolXqrfnZHc1QRM..",
  ],
  ["apr1", "pass", "$apr1$8sFt66rZ$AYyICoBPhbjQKHHuCjBUH1"],
  ["apr1", "a longer password than sixteen characters", "$apr1$abc$FZaejfGoMgI8BM3cW0ovo/"],
  ["apr1", "", "$apr1$xy$43..WIhbfuznGvwoCyUek/"],
  ["des", "pass", "abccBcrPOxnLU"],
  ["des", "secret password", "zZNwXsQ1SQUts"],
  ["des", "", "./Una9Fi.seRo"],
  ["des", "admin", "x9YHsFZNQzZmk"],
  ["SHA", "password", "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="],
  [
    "SSHA512",
    "pass",
    "{SSHA512}Yowsr+2RgjltN9tzWqcEinG2mF/01hu88ymM5RSW94cIdQWZ2KgW+iROF2bnGVbZOiAI/bVa5rVdoBY2C/PU9gABAgMEBQYHCAkKCwwNDg8=",
  ],
  ["SSHA256", "pass", "{SSHA256}6yE/lRrbzTJvoXYXNyImpWqwmXKqp4ZgFRhLq6al/okAAQIDBAUGBwgJCgsMDQ4P"],
  ["bcrypt", "pass", "$2b$04$q6czn8bkXaWFq6SqDHtY0uEs1pTvdvNpAYYtVAvapC6COiUwhXrL2"],
  ["bcrypt", " O(*#&@ ", "$2y$05$zRNYHJmx5BirYd7W1iUmJenZtIQtMXe1v7cFZfZBHw5e24Kqh3iDW"],
  [
    "scrypt",
    "password",
    "$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA",
  ],
];

/** Formats that are out of date or unknown, plain text among them. */
const REFUSED = [
  "pass",
  "",
  "$1$saltsalt$abcdefghijklmnopqrstuv",
  "{SSHA}AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  "{SHA}not base64",
  "{SHA}",
  "{PLAIN}pass",
  "_J9..rasmBYk8r9AiWNc",
  "$2y$",
  "$2b$31$q6czn8bkXaWFq6SqDHtY0uEs1pTvdvNpAYYtVAvapC6COiUwhXrL2",
  "$5$saltstring$tooshort",
  "$5$rounds=999999999$saltstring$/OUd2NwqWSQLmFTtl7/tjQuCqyiCYIE1xKjz05k3up0",
  "$6$salt$/OUd2NwqWSQLmFTtl7/tjQuCqyiCYIE1xKjz05k3up0",
  "$apr1$salt$short",
  "$scrypt$ln=30,r=8,p=1$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWI",
  "$scrypt$ln=15,r=0,p=1$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWI",
  "$scrypt$ln=15,r=8,p=1$TmFDbA$",
];

describe("passwords", () => {
  it.each(KNOWN)("%s: accepts %j and nothing like it", async (format, password, hash) => {
    expect(passwordFormatOf(hash)).toBe(format);
    expect(await verifyPassword(password, hash)).toBe(true);
    expect(await verifyPassword(`!${password}`, hash)).toBe(false);
    expect(await verifyPassword(password === "" ? " " : "", hash)).toBe(false);
  });

  it.each(REFUSED)("refuses the entry %j, whatever the password", async (hash) => {
    expect(passwordFormatOf(hash)).toBeUndefined();
    expect(await verifyPassword(hash, hash)).toBe(false);
    expect(await verifyPassword("pass", hash)).toBe(false);
  });

  it("tells apart passwords whose first seventy characters agree", async () => {
    const long = "x".repeat(70);
    const hash = await hashPassword(`${long}a`);
    expect(await verifyPassword(`${long}a`, hash)).toBe(true);
    expect(await verifyPassword(`${long}b`, hash)).toBe(false);
  });

  it("stores new passwords with scrypt and a salt of their own", async () => {
    const [one, two] = await Promise.all([hashPassword("pass"), hashPassword("pass")]);
    expect(isScryptHash(one)).toBe(true);
    expect(one).not.toBe(two);
    expect(await verifyPassword("pass", one)).toBe(true);
    expect(one).not.toContain(":");
  });
});
