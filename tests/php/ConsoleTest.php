<?php
declare( strict_types=1 );

class ConsoleTest extends FolderTestCase {
	/**
	 * @dataProvider programs
	 * @param string[] $wants parts of the line with the reason
	 */
	public function testFailureIsOneClearLine( string $code, array $wants ): void {
		$bootstrap = var_export( dirname( __DIR__, 2 ) . '/components/files/mediawiki/src/bootstrap.php', true );
		$program = "<?php\nrequire $bootstrap;\nConsole::run( 'It failed: ', static function () {\n$code\n} );\necho 'went on';\n";
		$file = $this->write( 'program.php', $program );
		exec( PHP_BINARY . ' -d display_errors=1 ' . escapeshellarg( $file ) . ' 2>&1', $lines, $status );
		$this->assertSame( 1, $status );
		$shown = array_values( preg_grep( '/^  /', $lines, PREG_GREP_INVERT ) ); // the others are details, which are in the log only
		$this->assertCount( 1, $shown, implode( "\n", $lines ) );
		foreach ( [ 'failed: It failed: ', ...$wants ] as $want ) {
			$this->assertStringContainsString( $want, $shown[0] );
		}
	}

	public function programs(): array {
		return [
			'a failure that is expected' => [ 'throw new PermanentFailure( "the disk is full" );', [ 'the disk is full' ] ],
			'an exception that nobody expected' => [
				'new SplFileObject( "/nowhere" );', [ '/nowhere', 'program.php:4', 'please report it' ],
			],
			'a warning' => [ '$x = [ "a" => 1 ]; echo $x["b"];', [ 'Undefined array key "b"', 'please report it' ] ],
			'a wrong type' => [ 'strlen( [] );', [ 'strlen()', 'kubectl logs ' ] ],
		];
	}

	public function testExpectedFailureOfAFunctionIsNoFailureOfTheProgram(): void {
		Console::run( '', function () {
			$this->assertFalse( @file_get_contents( '/nowhere' ) );
			$this->assertStringContainsString( 'No such file', Console::lastError() );
		} );
	}
}
