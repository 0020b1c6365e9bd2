<?php
declare( strict_types=1 );

/** Versions of MediaWiki. */
class Version {
	/** Returns "1.43" for "1.43.9". */
	public static function series( string $version ): string {
		return implode( '.', array_slice( explode( '.', $version ), 0, 2 ) );
	}

	/**
	 * Checks that MediaWiki $to can upgrade the schema of MediaWiki $from.
	 *
	 * @param string $from "" if it is not known
	 * @param array<string, string> $updater maps a series to the oldest series that its updater can upgrade, in alphabetical order; the
	 *   same holds for later series, up to the next one in the list
	 * @throws PermanentFailure
	 */
	public static function checkUpgrade( string $from, string $to, array $updater ): void {
		if ( $from === '' ) {
			return;
		}
		if ( version_compare( self::series( $from ), self::series( $to ), '>' ) ) {
			throw new PermanentFailure( "the wiki was written by MediaWiki $from, which $to cannot read: set images.mediawiki to "
				. self::series( $from ) . ' or a later one' );
		}
		$oldest = '0';
		foreach ( $updater as $since => $begins ) {
			$oldest = version_compare( self::series( $to ), (string)$since, '>=' ) ? $begins : $oldest;
		}
		if ( version_compare( self::series( $from ), $oldest, '<' ) ) {
			throw new PermanentFailure( "MediaWiki $to does not upgrade a wiki of $from: upgrade to $oldest or a later one first" );
		}
	}
}
