"""Owns: TCP links that can be cut, stalled and delayed, and a look at what passes. Knows nothing of the protocol."""

import asyncio
import contextlib
import socket
import struct
import threading


class Gate:
    """One direction of a link: open, closed, or slow."""

    def __init__(self):
        self.open = asyncio.Event()
        self.open.set()
        self.delay = 0.0

    async def passed(self):
        if self.delay:
            await asyncio.sleep(self.delay)
        await self.open.wait()


class Link:
    """Everything that connects one process with one port; listens on a port of its own."""

    def __init__(self, name, target_port, new_tap):
        self.name, self.target_port, self.new_tap = name, target_port, new_tap
        self.up, self.down = Gate(), Gate()
        self.writers = set()
        self.port = 0
        self.server = None

    async def listen(self, port):
        self.server = await asyncio.start_server(self._accept, "127.0.0.1", port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def _accept(self, reader, writer):
        self.writers.add(writer)
        upstream = None
        try:
            # A network that swallows everything swallows the first packet too.
            await self.up.open.wait()
            upstream_reader, upstream = await asyncio.open_connection("127.0.0.1", self.target_port)
            self.writers.add(upstream)
            tap = self.new_tap(self.name)
            pumps = [
                asyncio.create_task(self._pump(reader, upstream, self.up, tap.up)),
                asyncio.create_task(self._pump(upstream_reader, writer, self.down, tap.down)),
            ]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            # What one side said before it closed still reaches the other.
            await asyncio.wait(pumps, timeout=1)
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
        except OSError:
            pass  # The target is down, or the link was cut: the peer sees its connection end.
        finally:
            for end in (writer, upstream):
                if end is not None:
                    self.writers.discard(end)
                    end.close()

    async def _pump(self, reader, writer, gate, tap):
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                tap(data)
                await gate.passed()
                writer.write(data)
                await writer.drain()
            await gate.passed()
            if writer.can_write_eof():
                writer.write_eof()

    def cut(self, how):
        for writer in list(self.writers):
            raw = writer.get_extra_info("socket")
            if how == "reset" and raw is not None:
                with contextlib.suppress(OSError):
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    def gates(self, variant):
        if variant.startswith("upwards"):
            return [self.up]
        return [self.down] if variant.startswith("downwards") else [self.up, self.down]

    def stall(self, variant):
        for gate in self.gates(variant):
            gate.open.clear()

    def resume(self, variant):
        if variant.endswith("reset"):
            self.cut("reset")
        for gate in self.gates(variant):
            gate.open.set()

    def slow(self, seconds):
        self.up.delay = self.down.delay = seconds


class SilentTap:
    """A tap for links that nobody reads."""

    def __init__(self, name):
        self.name = name

    def up(self, data):
        pass

    def down(self, data):
        pass


class Proxy:
    """All links, on a thread of their own."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.links = {}
        self.thread = threading.Thread(target=self.loop.run_forever, name="proxy", daemon=True)
        self.thread.start()

    def add(self, name, target_port, new_tap=SilentTap):
        link = Link(name, target_port, new_tap)
        asyncio.run_coroutine_threadsafe(link.listen(0), self.loop).result(10)
        self.links[name] = link
        return link.port

    def do(self, name, act, *arguments):
        """Calls `Link.act` on the proxy's thread, and returns when it is done."""

        async def call():
            getattr(self.links[name], act)(*arguments)

        asyncio.run_coroutine_threadsafe(call(), self.loop).result(10)

    def close(self):
        if not self.thread.is_alive():
            return

        async def end():
            for link in self.links.values():
                link.server.close()
                link.up.open.set()
                link.down.open.set()
                link.cut("closed")
            tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            await asyncio.wait(tasks, timeout=2) if tasks else None

        with contextlib.suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(end(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
