using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Midstream.Hosting.Requests;

/// <summary>Writes an upgrade request down again, so that another process can be shown it.</summary>
internal static class UpgradeRequest
{
    /// <summary>Writes the request's head.</summary>
    /// <param name="request">A request that has passed no middleware yet.</param>
    /// <returns>The head with its empty line; header fields in UTF-8, as the server reads them.</returns>
    public static byte[] ToBytes(HttpRequest request)
    {
        var raw = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>();
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"{raw.Method} {raw.RawTarget} {raw.Protocol}\r\n");
        foreach (var (name, values) in raw.Headers)
        {
            foreach (var value in values)
                head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        return Encoding.UTF8.GetBytes(head.Append("\r\n").ToString());
    }
}
