using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Midstream.TestKit;

/// <summary>A certificate for 127.0.0.1 that nobody else trusts, in files as a service is configured with.</summary>
public sealed class SelfSigned
{
    private static readonly ConcurrentDictionary<string, bool> s_made = new();

    private SelfSigned(string certificateFile, string keyFile, string thumbprint)
    {
        CertificateFile = certificateFile;
        KeyFile = keyFile;
        Thumbprint = thumbprint;
        s_made[thumbprint] = true;
    }

    /// <summary>Gets the certificate's file (PEM).</summary>
    public string CertificateFile { get; }

    /// <summary>Gets the key's file (PEM).</summary>
    public string KeyFile { get; }

    /// <summary>Gets what tells it from another one.</summary>
    public string Thumbprint { get; }

    /// <summary>Gets the environment that has Kestrel use it, as members of a JSON object.</summary>
    public string KestrelEnvironment => $$"""
        "Kestrel__Certificates__Default__Path": "{{CertificateFile}}", "Kestrel__Certificates__Default__KeyPath": "{{KeyFile}}"
        """;

    /// <summary>Trusts the certificates that were made here, and no other: a <see
    /// cref="RemoteCertificateValidationCallback"/>.</summary>
    /// <param name="sender">Who asks.</param>
    /// <param name="certificate">What a server has shown.</param>
    /// <param name="chain">Not looked at.</param>
    /// <param name="errors">Not looked at.</param>
    /// <returns>True for one of these.</returns>
    public static bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        certificate is X509Certificate2 shown && s_made.ContainsKey(shown.Thumbprint);

    /// <summary>Makes one, or replaces the one in the files.</summary>
    /// <param name="folder">Where the files go.</param>
    /// <returns>The certificate.</returns>
    public static SelfSigned Make(TemporaryFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var (certificateFile, keyFile) = (folder.In("tls.crt"), folder.In("tls.key"));
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        return new SelfSigned(certificateFile, keyFile, certificate.Thumbprint);
    }
}
