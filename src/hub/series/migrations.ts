/** Marks a file as ours ("FHub"). */
export const APPLICATION_ID = 0x46_48_75_62;

/**
 * Versions of the file, forward only: entry n brings version n to n + 1. An entry that was released is never changed.
 * `loose` holds minutes as they come, ordered by time, so that writing only ever touches the end; `chunk` holds hours
 * of one curve in one row.
 */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE loose (
     at INTEGER NOT NULL, node INTEGER NOT NULL, payload BLOB NOT NULL, PRIMARY KEY (at, node)
   ) WITHOUT ROWID;
   CREATE TABLE chunk (
     node INTEGER NOT NULL, tier INTEGER NOT NULL, track INTEGER NOT NULL, start INTEGER NOT NULL,
     packed BLOB NOT NULL
   );
   CREATE UNIQUE INDEX chunk_place ON chunk (node, tier, track, start);
   CREATE TABLE node (
     id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE, token_hash TEXT NOT NULL UNIQUE,
     created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, notes TEXT NOT NULL, facts TEXT NOT NULL
   );
   CREATE TABLE node_traffic (
     node INTEGER PRIMARY KEY, received INTEGER NOT NULL, sent INTEGER NOT NULL,
     last_received INTEGER NOT NULL, last_sent INTEGER NOT NULL, last_uptime INTEGER NOT NULL
   );
   CREATE TABLE probe_task (id INTEGER PRIMARY KEY AUTOINCREMENT, settings TEXT NOT NULL);`,
  `CREATE TABLE site_setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;`,
  `CREATE TABLE node_cycle (
     node INTEGER PRIMARY KEY, start INTEGER NOT NULL, received INTEGER NOT NULL, sent INTEGER NOT NULL
   );`,
  // Rows of `audit` stay as they are, whoever asks. `INSERT OR REPLACE` is a deletion that fires no trigger for it.
  `CREATE TABLE audit (
     id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, user TEXT NOT NULL, address TEXT NOT NULL,
     action TEXT NOT NULL, node INTEGER NOT NULL, detail TEXT NOT NULL
   );
   CREATE INDEX audit_node ON audit (node, id) WHERE node <> 0;
   CREATE TRIGGER audit_keeps_rows BEFORE DELETE ON audit
     BEGIN SELECT RAISE(ABORT, 'rows of the audit table stay'); END;
   CREATE TRIGGER audit_keeps_words BEFORE UPDATE ON audit
     BEGIN SELECT RAISE(ABORT, 'rows of the audit table stay as they are'); END;
   CREATE TRIGGER audit_only_grows BEFORE INSERT ON audit
     WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
     BEGIN SELECT RAISE(ABORT, 'rows of the audit table stay as they are'); END;
   CREATE TABLE node_permission (
     node INTEGER PRIMARY KEY, command INTEGER NOT NULL, terminal INTEGER NOT NULL
   );
   CREATE TABLE command_run (
     number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, command TEXT NOT NULL,
     user TEXT NOT NULL, started_at INTEGER NOT NULL
   );
   CREATE TABLE command_outcome (
     run TEXT NOT NULL, node INTEGER NOT NULL, output TEXT NOT NULL, exit_code INTEGER, finished_at INTEGER,
     PRIMARY KEY (run, node)
   );`,
  `CREATE TABLE event (
     id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, node INTEGER NOT NULL, kind TEXT NOT NULL,
     rule INTEGER NOT NULL, severity TEXT NOT NULL, value REAL, text TEXT NOT NULL
   );
   CREATE INDEX event_node ON event (node, id);
   CREATE INDEX event_at ON event (at);
   CREATE TABLE node_presence (node INTEGER PRIMARY KEY, online INTEGER NOT NULL, at INTEGER NOT NULL);
   CREATE TABLE alert_rule (id INTEGER PRIMARY KEY AUTOINCREMENT, settings TEXT NOT NULL);
   CREATE TABLE alert_state (
     rule INTEGER NOT NULL, node INTEGER NOT NULL, state TEXT NOT NULL, PRIMARY KEY (rule, node)
   ) WITHOUT ROWID;
   CREATE TABLE notify_channel (id INTEGER PRIMARY KEY AUTOINCREMENT, settings TEXT NOT NULL);
   CREATE TABLE notify_outbox (
     id INTEGER PRIMARY KEY AUTOINCREMENT, channel INTEGER NOT NULL, created_at INTEGER NOT NULL, message TEXT NOT NULL
   );
   CREATE TABLE notify_setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;`,
];
