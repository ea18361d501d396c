# SPDX-License-Identifier: GPL-2.0
#
# An echo server on port 7000, and 20 clients of it at the same time, by
# asyncio: echo.py server; echo.py client HOST.
import asyncio
import hashlib
import sys

CLIENTS = 20
SIZE = 100000


async def serve(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.write_eof()
    writer.close()


async def server():
    # no address: all families that there are
    listener = await asyncio.start_server(serve, None, 7000)
    async with listener:
        await listener.serve_forever()


async def client(host, number):
    reader, writer = await asyncio.open_connection(host, 7000)
    text = hashlib.sha256(b'%d' % number).digest() * (SIZE // 32)

    async def send():
        writer.write(text)
        await writer.drain()
        writer.write_eof()

    _, echo = await asyncio.gather(send(), reader.read(-1))
    writer.close()
    await writer.wait_closed()
    return echo == text


async def clients(host):
    results = await asyncio.gather(*(client(host, n) for n in range(CLIENTS)))
    print(sum(results), 'of', CLIENTS, 'echoes are equal')


if sys.argv[1] == 'server':
    asyncio.run(server())
else:
    asyncio.run(clients(sys.argv[2]))
