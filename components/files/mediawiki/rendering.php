<?php
// Renders pages before any reader asks for one.
declare( strict_types=1 );

/** PHP's own server, in place of Apache, with the settings of this wiki. */
class Rendering {
	private const ADDRESS = '127.0.0.1:8090';
	private const LOG = '/tmp/page.log';

	/**
	 * Renders pages by the same entry points and settings as readers will, and again with their classes preloaded.
	 *
	 * @throws Refusal if MediaWiki does not answer with a page
	 */
	public static function check(): void {
		Preloading::observe();
		self::render( [ 'MEDIAWIKI_USED' => Preloading::USED ] );
		$files = Preloading::settle();
		try {
			self::render();
			say( "pages are rendered, with $files files preloaded" );
		} catch ( Refusal $e ) {
			Preloading::discard();
			say( "no files are preloaded, because: {$e->getMessage()}" );
		}
	}

	private static function render( array $environment = [] ): void {
		$server = proc_open(
			[ PHP_BINARY, '-S', self::ADDRESS, '-t', Wiki::ROOT ],
			[ 1 => [ 'file', self::LOG, 'w' ], 2 => [ 'redirect', 1 ] ], $pipes, null, $environment + getenv()
		);
		try {
			self::page( '/index.php?title=Special:UserLogin', '</html>' );
			self::page( '/api.php?action=query&meta=siteinfo&format=json', '{' );
			// The wiki's first address leads to its main page, or on a private wiki to where readers sign in.
			$first = self::page( '/index.php', '</html>' );
			if ( $first !== null ) {
				self::page( self::byTitle( $first ), '</html>' );
			}
		} finally {
			proc_terminate( $server );
			proc_close( $server );
		}
	}

	/**
	 * Asks for a page, and returns the path that it redirects to, if it does. Whether there is such a page is for the wiki's editors to
	 * decide: a main page that they have deleted or moved, or that has another name in another language, is answered with 404, and with a
	 * whole page that says so.
	 */
	private static function page( string $path, string $text ): ?string {
		$context = stream_context_create( [ 'http' => [ 'ignore_errors' => true, 'follow_location' => 0, 'timeout' => 120 ] ] );
		$address = 'http://' . self::ADDRESS . $path;
		for ( $tries = 0; ( $page = @file_get_contents( $address, false, $context ) ) === false && $tries < 600; $tries++ ) {
			usleep( 100_000 );
		}
		$status = (int)explode( ' ', $http_response_header[0] ?? ' 0' )[1];
		if ( $status >= 301 && $status <= 303 ) {
			preg_match( '#^Location: \w+://[^/]+(/.*)#mi', implode( "\n", $http_response_header ), $leads );
			return isset( $leads[1] ) ? trim( $leads[1] ) : null;
		}
		if ( !in_array( $status, [ 200, 401, 403, 404 ], true ) || !str_contains( $page, $text ) ) {
			$log = substr( (string)file_get_contents( self::LOG ), -1500 );
			throw new Refusal( "the wiki does not render a page with these settings:\n$path: status $status\n$log"
				. strip_tags( substr( (string)$page, 0, 1000 ) ) );
		}
		return null;
	}

	/** Returns another path of a page: PHP's server takes a path with a dot in it for a file's. */
	private static function byTitle( string $path ): string {
		return preg_replace_callback(
			'#^/wiki/([^?]+)$#', static fn ( $found ) => '/index.php?title=' . rawurlencode( rawurldecode( $found[1] ) ), $path );
	}
}
