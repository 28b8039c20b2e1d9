// A Node.js service under socket activation: it serves the listener it finds at descriptor 3 and, asked to stop by SIGTERM,
// finishes the requests it has begun.
'use strict';

const http = require('http');

const FIRST_LISTENER = 3;

const server = http.createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost');
  const delayMs = Math.min(Number(url.searchParams.get('ms')) || 0, 60_000);
  const id = request.headers['x-prove-id'];
  setTimeout(() => {
    if (id) response.setHeader('X-Prove-Id', id);
    response.end(`${process.pid}\n`);
  }, url.pathname === '/slow' ? delayMs : 0);
});

process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});

server.listen({ fd: FIRST_LISTENER });
