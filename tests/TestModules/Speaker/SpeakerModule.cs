// A module that uses one of the two versions of a library.

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Midstream;
using Words;

namespace Speaker;

public sealed class SpeakerModule : IModule
{
    public IReadOnlyList<WarmUpRequest> WarmUp { get; } = [new("/say")];

    public void MapEndpoints(IEndpointRouteBuilder endpoints) =>
#if V1
        endpoints.MapGet("/say", () => TypedResults.Text(Phrase.Of("hello")));
#else
        endpoints.MapGet("/say", () => TypedResults.Text(Phrase.Of(2, "hello")));
#endif
}
