using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Midstream.Hosting.Transport;

namespace Midstream.Hosting.Counters;

/// <summary>A request under way, as <see cref="RequestShard"/> lends it: taken from the shard's stack, and put back at the
/// end, so that counting costs no allocation per request.</summary>
/// <param name="shard">Where it comes from and goes back to.</param>
internal sealed class RequestUnderWay(RequestShard shard)
{
    private readonly RequestShard _shard = shard;
    private HttpContext? _context;
    private Task? _handling;
    private MidstreamConnection? _connection;
    private bool _hasThrown;

    /// <summary>Gets or sets when it began, as a timestamp; 0 when it is free or meant to last. Guarded by the shard.</summary>
    internal long Began { get; set; }

    /// <summary>Gets or sets the next free one. Guarded by the shard.</summary>
    internal RequestUnderWay? NextFree { get; set; }

    /// <summary>Handles the request, and remembers how that goes.</summary>
    /// <param name="context">The request.</param>
    /// <param name="next">Handles it.</param>
    /// <returns>The handler's own task, which is what tells in the end whether it failed.</returns>
    internal Task Handle(HttpContext context, RequestDelegate next)
    {
        _context = context;
        try
        {
            var handling = next(context);
            if (!handling.IsCompletedSuccessfully)
                _handling = handling;
            return handling;
        }
        catch
        {
            _hasThrown = true;
            throw;
        }
    }

    /// <summary>The request has become a connection of another protocol: it is under way still, but not late.</summary>
    internal void IsMeantToLast() => _shard.IsMeantToLast(this);

    /// <summary>Has a plain HTTP/1.x connection told as well when the response is complete: one call of the server's for
    /// both.</summary>
    /// <param name="connection">The connection.</param>
    internal void TellItsEndTo(MidstreamConnection connection) => _connection = connection;

    /// <summary>The response is complete. The object belongs to another request from now on.</summary>
    internal void End()
    {
        _connection?.RequestEnds(bodyWasRead: false);
        var hasFailed = HasFailed();
        _connection = null;
        _context = null;
        _handling = null;
        _hasThrown = false;
        _shard.End(this, hasFailed);
    }

    private bool HasFailed() =>
        _context is { Response.StatusCode: >= StatusCodes.Status500InternalServerError }
        || _hasThrown
        || (_handling is { IsFaulted: true } && !IsTheClients(_handling.Exception!.GetBaseException()))
        || (_handling is { IsCanceled: true } && !ClientIsGone);

    // A client that breaks off is no failure of the worker's, and neither is one that speaks broken HTTP.
    private bool IsTheClients(Exception error) => error is BadHttpRequestException or ConnectionResetException
        || (error is OperationCanceledException && ClientIsGone);

    private bool ClientIsGone => _context!.RequestAborted.IsCancellationRequested;
}
