<?php
declare( strict_types=1 );

/** Downloads archives. What is downloaded is checked by its hash. */
class PackageDownload {
	/** Where claims are mounted, by name. */
	private const CLAIMS = '/package-claims';
	/** The credentials of backups.remote, as restic reads them. */
	private const CREDENTIALS = '/etc/mediawiki-remote/s3-credentials';
	private const TRIES = 4;

	/** Writes an archive to a file. An address is https://…, http://…, s3:https://… or file:CLAIM/PATH. */
	public static function fetch( string $url, string $file ): void {
		if ( str_starts_with( $url, 'file:' ) ) {
			$from = self::CLAIMS . '/' . substr( $url, 5 );
			if ( !is_file( $from ) || filesize( $from ) > PackageArchive::LARGEST || !@copy( $from, $file ) ) {
				throw new PermanentFailure( "cannot copy $url: " . ( is_file( $from ) ? Console::lastError() : 'there is no such file' ) );
			}
			return;
		}
		for ( $try = 1; ; $try++ ) {
			[ $reason, $temporary ] = self::get( $url, $file );
			if ( $reason === '' ) {
				return;
			}
			if ( !$temporary || $try === self::TRIES ) {
				throw new PermanentFailure( "cannot download $url: $reason" );
			}
			Console::say( "retrying after: $reason" );
			sleep( 3 * $try );
		}
	}

	/** @return array{string, bool} why it failed, "" if it did not; and whether to retry */
	private static function get( string $url, string $file ): array {
		$to = fopen( $file, 'w' );
		$curl = curl_init( preg_replace( '/^s3:/', '', $url ) );
		curl_setopt_array( $curl, [
			CURLOPT_FILE => $to, CURLOPT_FAILONERROR => true, CURLOPT_FOLLOWLOCATION => true, CURLOPT_MAXREDIRS => 5,
			CURLOPT_PROTOCOLS => CURLPROTO_HTTP | CURLPROTO_HTTPS, CURLOPT_REDIR_PROTOCOLS => CURLPROTO_HTTP | CURLPROTO_HTTPS,
			CURLOPT_CONNECTTIMEOUT => 15, CURLOPT_LOW_SPEED_LIMIT => 100, CURLOPT_LOW_SPEED_TIME => 60,
			CURLOPT_USERAGENT => 'mediawiki-stack', CURLOPT_NOPROGRESS => false,
			CURLOPT_PROGRESSFUNCTION => static fn ( $curl, $total, $now ) => max( $total, $now ) > PackageArchive::LARGEST ? 1 : 0,
		] + self::authorities() + ( str_starts_with( $url, 's3:' ) ? self::signed( $url ) : [] ) );
		curl_exec( $curl );
		$code = curl_errno( $curl );
		$status = curl_getinfo( $curl, CURLINFO_RESPONSE_CODE );
		$reason = match ( $code ) {
			0 => '',
			CURLE_ABORTED_BY_CALLBACK => 'it is larger than ' . ( PackageArchive::LARGEST >> 20 ) . ' MiB',
			CURLE_SSL_CACERT => curl_error( $curl ) . "; if a private authority issued the server's certificate, set packageAuthorities",
			default => curl_error( $curl ),
		};
		if ( !fclose( $to ) ) {
			return [ 'cannot write it: ' . Console::lastError(), false ];
		}
		$isFinal = $status >= 400 && $status < 500 || in_array( $code,
			[ CURLE_ABORTED_BY_CALLBACK, CURLE_WRITE_ERROR, CURLE_SSL_CACERT ], true );
		return [ $reason, !$isFinal ];
	}

	/** @return array<int, string> options to trust private authorities as well as those of the image */
	private static function authorities(): array {
		$bundle = (string)getenv( 'PACKAGE_AUTHORITIES' );
		return $bundle === '' ? [] : [ CURLOPT_CAPATH => '/etc/ssl/certs', CURLOPT_CAINFO_BLOB => $bundle ];
	}

	/** @return array<int, string> options for a request to S3 */
	private static function signed( string $url ): array {
		preg_match_all( '/^(\w+) = (.*)$/m', file_get_contents( self::CREDENTIALS ), $lines );
		$credentials = array_combine( $lines[1], $lines[2] );
		$region = preg_match( '~//(?:[^/]+\.)?s3[.-]([a-z0-9-]+)\.amazonaws\.com~', $url, $found ) ? $found[1] : 'us-east-1';
		return [
			CURLOPT_AWS_SIGV4 => "aws:amz:$region:s3",
			CURLOPT_USERPWD => "{$credentials['aws_access_key_id']}:{$credentials['aws_secret_access_key']}",
			CURLOPT_FOLLOWLOCATION => false,
		];
	}
}
