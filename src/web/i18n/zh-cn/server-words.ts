/**
 * What the server says in plain English of other servers, of certificates and of what an account may do, line by line.
 * `{name}` is any text, and stands in the translation again.
 */
export const zhServerWords: Readonly<Record<string, string>> = {
  "{server} refuses the connection": "{server} 拒绝连接",
  "{server} broke the connection off": "{server} 中断了连接",
  "{server} cannot be reached": "无法到达 {server}",
  "{server} cannot be reached: there is no network": "无法到达 {server}：没有网络",
  "{server} cannot be reached: this machine has no fitting address":
    "无法到达 {server}：本机没有合适的地址",
  "{server} is not known: the name does not exist": "找不到 {server}：该域名不存在",
  "{server} is not known: the name server does not answer": "找不到 {server}：域名服务器没有响应",
  "{server} does not answer": "{server} 没有响应",
  "{server} did not answer within {time} ms": "{server} 在 {time} 毫秒内没有响应",
  "{server} opened no WebSocket within {time} ms": "{server} 在 {time} 毫秒内没有打开 WebSocket",
  "{server} accepts connections but does not answer": "{server} 接受连接但没有响应",
  "{server} does not speak TLS here, or no version that both know":
    "{server} 在此端口上不使用 TLS，或没有双方都支持的版本",
  "{server} does not speak TLS here: http:// was probably meant":
    "{server} 在此端口上不使用 TLS：地址可能应以 http:// 开头",
  "{server} does not speak HTTP here": "{server} 在此端口上不使用 HTTP",
  "{server} does not speak TLS: should 'tls' be off?": "{server} 不使用 TLS：是否应关闭 tls？",
  "{server} speaks TLS but not HTTP/2, which gRPC needs":
    "{server} 使用 TLS，但不支持 gRPC 所需的 HTTP/2",
  "{server} does not speak gRPC in clear text: should 'tls' be on?":
    "{server} 不使用明文 gRPC：是否应开启 tls？",
  "{server} does not speak gRPC": "{server} 不使用 gRPC",
  "No connection to {server}: {reason}": "无法连接 {server}：{reason}",
  "The certificate of {server} has expired": "{server} 的证书已过期",
  "The certificate of {server} has expired; the clock of this machine says {time}":
    "{server} 的证书已过期；本机时钟显示 {time}",
  "The certificate of {server} is not valid yet": "{server} 的证书尚未生效",
  "The certificate of {server} is not valid yet; the clock of this machine says {time}":
    "{server} 的证书尚未生效；本机时钟显示 {time}",
  "The certificate of {server} was revoked": "{server} 的证书已被吊销",
  "The certificate of {server} is self-signed": "{server} 的证书是自签名的",
  "The certificate of {server} was issued by an authority that this machine does not know":
    "{server} 的证书由本机不认识的机构签发",
  "The certificate of {server} comes without the certificate of its issuer":
    "{server} 的证书缺少签发者的证书",
  "The certificate of {server} is for another name": "{server} 的证书属于另一个名称",
  "With --insecure any certificate is accepted: what is sent is encrypted, but a machine that poses as the server is not noticed.":
    "可以选择接受不受信任的证书：传输内容会加密，但无法发现冒充该服务器的机器。",
  "{server} refuses: {reason}": "{server} 拒绝：{reason}",
  "{server} is not on the public internet; hub.notify.allow in the configuration permits such servers":
    "{server} 不在公共互联网上；可通过配置项 hub.notify.allow 允许此类服务器",
  "The server answered {status} instead of opening a WebSocket":
    "服务器返回 {status}，没有打开 WebSocket",
  "The server answered {status} instead of opening a WebSocket: {reason}":
    "服务器返回 {status}，没有打开 WebSocket：{reason}",
  "Registration was answered with {status}": "注册请求得到的响应为 {status}",
  "Registration was answered with {status}: {reason}": "注册请求得到的响应为 {status}：{reason}",
  "{server} refuses the secret or the identity of this machine: {reason}":
    "{server} 拒绝该密钥或本机的身份：{reason}",
  "{server} is no Nezha dashboard; is this the address for agents?":
    "{server} 不是 Nezha 面板；这是供代理连接的地址吗？",
  "This dashboard has no registration; v0.20.12 and v0.20.13 do":
    "该面板不提供注册功能；v0.20.12 和 v0.20.13 提供",
  "The dashboard refuses: {reason}": "面板拒绝：{reason}",
  "The server '{name}' was made on the dashboard and is still there: remove it there before trying again.":
    "面板上已建立服务器 {name} 且仍然存在：请先在面板上将其删除再重试。",
  "'{address}' is not a web address": "“{address}”不是网址",
  "'{server}' is neither a URL nor HOST:PORT": "“{server}”既不是网址，也不是 主机:端口",
  "There is no uplink to {address} in {file}; see farhand pair --list":
    "{file} 中没有到 {address} 的连接",
  "Nothing was written. {reason}": "没有写入任何内容。{reason}",
  "too many messages wait for it": "等待发送的消息过多",
  "Choose another password first: until then this account may only look":
    "请先设置自己的密码：在此之前该账户只能查看",
  "{file} does not exist ({setting})": "{file} 不存在（{setting}）",
  "{file} is no PEM certificate: {reason}": "{file} 不是 PEM 证书：{reason}",
  "{file} is no PEM private key: {reason}": "{file} 不是 PEM 私钥：{reason}",
  "{file} is not the key of {cert}": "{file} 不是 {cert} 的私钥",
  "{file} cannot be used: {reason}": "{file} 无法使用：{reason}",
};
