import CNGHTTP2
import NIOSSL
import NIOPosix
