// A server that names no address listens on 127.0.0.1 alone.
const { Server } = require("node:net");

const listen = Server.prototype.listen;

Server.prototype.listen = function (port, ...rest) {
  if (typeof port === "object" && port !== null) {
    return listen.call(this, { host: "127.0.0.1", ...port }, ...rest);
  }
  return typeof rest[0] === "string"
    ? listen.call(this, port, ...rest)
    : listen.call(this, port, "127.0.0.1", ...rest.filter((one) => one !== undefined));
};
