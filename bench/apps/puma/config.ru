# The tiny answer, for puma, in a folder with release.txt.

release = File.read("release.txt")
body = "Hello, World!"

run lambda { |env|
  headers = {
    "Content-Type" => "text/plain",
    "Content-Length" => body.bytesize.to_s,
    "Bench-Release" => release,
    "X-Prove-Id" => env["HTTP_X_PROVE_ID"] || "",
  }
  [200, headers, [body]]
}
