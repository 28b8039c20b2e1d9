// Eight clients on a keep-alive agent, one request after the other and no retry, until the process is told to end.
'use strict';
const http = require('http');

const target = new URL(process.argv[2]);
const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
const account = { requests: 0, errors: [], sockets: 0 };
const connect = agent.createConnection;
agent.createConnection = function (...options) {
  account.sockets++;
  return connect.apply(this, options);
};
let ending = false;

function ask(number) {
  return new Promise((resolve) => {
    const isPost = number % 2 === 1;
    const options = { agent, method: isPost ? 'POST' : 'GET', host: target.hostname, port: target.port, path: isPost ? '/upload' : '/' };
    const request = http.request(options, (response) => {
      if (response.statusCode !== 200) account.errors.push(`status ${response.statusCode}`);
      response.on('error', (error) => account.errors.push(error.message));
      response.on('close', () => { account.requests++; resolve(); });
      response.resume();
    });
    request.on('error', (error) => { account.errors.push(error.message); resolve(); });
    request.end(isPost ? 'x'.repeat(1000) : undefined);
  });
}

async function client() {
  for (let number = 0; !ending; number++) await ask(number);
}

process.on('SIGTERM', () => { ending = true; });
Promise.all(Array.from({ length: 8 }, client)).then(() => {
  agent.destroy();
  console.log(JSON.stringify(account));
});
console.error('begun');
