import { join } from "node:path";
import type { AuthConfig } from "../../config/schema.ts";

const inDataDir = (configured: string, dataDir: string, name: string): string =>
  configured === "" ? join(dataDir, name) : configured;

export function htpasswdPath(config: AuthConfig, dataDir: string): string {
  return inDataDir(config.htpasswdFile, dataDir, "htpasswd");
}

/** Lines of `user:role` beside the password file. */
export function rolesPath(config: AuthConfig, dataDir: string): string {
  return `${htpasswdPath(config, dataDir)}.roles`;
}

export function totpSecretPath(config: AuthConfig, dataDir: string): string {
  return inDataDir(config.totpSecretFile, dataDir, "totp.secret");
}

export function firstPasswordPath(dataDir: string): string {
  return join(dataDir, "first-password");
}

export function apiTokensPath(dataDir: string): string {
  return join(dataDir, "api-tokens.json");
}
