// The four kinds of call, for the service and its test: texts instead of messages, so that no code has to be generated.

using Grpc.Core;

namespace Rpc;

internal static class RpcMethods
{
    private const string Service = "tested.Rpc";

    public static Method<string, string> Who { get; } = Make(MethodType.Unary, "Who");

    public static Method<string, string> Collect { get; } = Make(MethodType.ClientStreaming, "Collect");

    public static Method<string, string> Repeat { get; } = Make(MethodType.ServerStreaming, "Repeat");

    public static Method<string, string> Echo { get; } = Make(MethodType.DuplexStreaming, "Echo");

    private static Method<string, string> Make(MethodType type, string name) =>
        new(type, Service, name, Marshallers.StringMarshaller, Marshallers.StringMarshaller);
}
