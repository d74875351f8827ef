/** The node whose calls are served; clients use chunked user sync from 0.2.0 on (PasarGuard node 3.8). */
export const PASARGUARD_NODE_VERSION = "0.5.2";
