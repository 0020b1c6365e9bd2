<?php
declare( strict_types=1 );

/** The list of files that web servers load when they start: those of the pages that the migration has rendered. */
class PreloadList {
	/** Where LocalSettings.php notes which files a request has loaded. */
	public const USED = '/tmp/used';
	private const CLASSES = [ T_ABSTRACT, T_FINAL, T_CLASS, T_INTERFACE, T_TRAIT ];

	/** Deletes the lists of an earlier attempt, so that nothing is preloaded while USED is written. */
	public static function begin(): void {
		self::discard();
		@unlink( self::USED );
	}

	/** Writes the list of the files in USED, and returns how many there are. */
	public static function write(): int {
		$used = is_file( self::USED ) ? array_unique( file( self::USED, FILE_IGNORE_NEW_LINES ) ) : [];
		$ours = static fn ( $file ) => str_starts_with( $file, Wiki::ROOT . '/' ) && self::declaresOnly( file_get_contents( $file ) );
		$files = array_filter( $used, $ours );
		file_put_contents( RevisionFiles::PRELOAD, implode( "\n", $files ) );
		return count( $files );
	}

	public static function discard(): void {
		@unlink( RevisionFiles::PRELOAD );
	}

	/**
	 * Tells whether PHP code does nothing but declare classes. Preloading does not run the rest of a file, and later requests skip
	 * it.
	 */
	public static function declaresOnly( string $code ): bool {
		$depth = 0;
		$begins = true; // whether the next token is the first of a statement
		$classes = 0;
		foreach ( PhpToken::tokenize( $code ) as $token ) {
			if ( $token->isIgnorable() ) {
				continue;
			}
			if ( $depth === 0 && $begins ) {
				if ( !$token->is( [ T_NAMESPACE, T_USE, T_DECLARE, T_ATTRIBUTE, ...self::CLASSES, ';' ] ) ) {
					return false;
				}
				$classes += $token->is( self::CLASSES ) ? 1 : 0;
			}
			$depth += match ( true ) {
				$token->is( [ '{', T_CURLY_OPEN, T_DOLLAR_OPEN_CURLY_BRACES ] ) => 1,
				$token->is( '}' ) => -1, // phpcs:ignore Squiz.WhiteSpace.OperatorSpacing -- a sign
				default => 0,
			};
			$begins = $depth === 0 && $token->is( [ ';', '}' ] );
		}
		return $classes > 0;
	}
}
