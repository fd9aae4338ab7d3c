import SwiftProtobuf
import NIOCore
