/** What a browser shows at `/` where the pages are missing. */
import type { FastifyInstance } from "fastify";
import { staticRoute } from "../../http/static.ts";

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.6 system-ui, sans-serif; }
body { max-width: 44rem; margin: 3rem auto; padding: 0 1rem; }
code { font-family: ui-monospace, monospace; }
section + section { margin-top: 2.5rem; border-top: 1px solid; padding-top: 1rem; }
`;

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Farhand</title>
<style>${STYLE}</style>
</head>
<body>
<section>
<h1>Farhand</h1>
<p>This is a KVM over IP: it types on, points at, switches on and watches another computer.</p>
<p>Programs made for PiKVM talk to it under <code>/api</code>, live events are on <code>/api/ws</code>, and
<code>/redfish/v1</code> is there for server management. They need the name and the password of an account.
<a href="/health">/health</a> says whether it runs.</p>
<p>The pages of the web interface are not there: this copy was not built, or its folder <code>web</code> is missing beside
the program. <code>npm run build</code> makes them.</p>
</section>
<section lang="zh-CN">
<h1>Farhand</h1>
<p>这是一台 KVM over IP 设备：通过网络操作另一台电脑的键盘、鼠标和电源，并查看它的屏幕。</p>
<p>为 PiKVM 编写的程序可以直接使用 <code>/api</code>，实时事件在 <code>/api/ws</code>，服务器管理使用
<code>/redfish/v1</code>。访问需要账户名和密码。<a href="/health">/health</a> 显示运行状态。</p>
<p>缺少网页界面的文件：此程序尚未构建，或程序旁的 <code>web</code> 文件夹缺失。运行 <code>npm run build</code> 即可生成。</p>
</section>
</body>
</html>
`;

/** Declares `/`, for everybody: it tells nothing about this device. */
export function welcomePage(app: FastifyInstance): void {
  staticRoute(app, {
    url: "/",
    access: "public",
    handler: (_request, reply) =>
      reply
        .header("Content-Security-Policy", POLICY)
        .header("Cache-Control", "no-cache")
        .type("text/html; charset=utf-8")
        .send(PAGE),
  });
}
